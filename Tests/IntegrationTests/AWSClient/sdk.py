#!/usr/bin/env python3
"""Uses the AWS endpoint as a program with an AWS SDK does: botocore's own clients, on every wire.

Prints one line for each failure, and exits with status 1 if there is any.
"""

import argparse
import sys
import time

import botocore.config
import botocore.exceptions
import botocore.model
import botocore.session

CBOR = "smithy-rpc-v2-cbor"
ROLE = "arn:aws:iam::123456789012:role/reader"
MODEL = "arn:aws:personalize:us-east-1:000000000000:solution/s/1"
failures = []


def check(what, condition, found=None):
    if not condition:
        failures.append(f"{what}: {found!r:.300}")


def client(service, endpoint, wire=None, **config):
    """A client as a program makes it: only the endpoint is not the service's own."""
    order = list(ORDER)
    if wire is not None:
        order.remove(wire)
        order.insert(0, wire)
    botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = order
    session = botocore.session.get_session()
    session.set_credentials("AKIDEXAMPLE", "secret")
    return session.create_client(
        service, region_name="us-east-1", endpoint_url=endpoint,
        config=botocore.config.Config(read_timeout=30, **config))


ORDER = botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS


def medical(endpoint, wire):
    what = f"Comprehend Medical over {wire}"
    one = client("comprehendmedical", endpoint, wire)
    check(what, one.meta.service_model.resolved_protocol == wire, one.meta.service_model.resolved_protocol)
    for family in ("entities_detection_v2", "phi_detection", "rx_norm_inference", "icd10_cm_inference",
                   "snomedct_inference"):
        start, describe, stop, pages = (
            getattr(one, name) for name in (f"start_{family}_job", f"describe_{family}_job", f"stop_{family}_job",
                                            f"list_{family}_jobs"))
        request = dict(InputDataConfig={"S3Bucket": "notes"}, OutputDataConfig={"S3Bucket": "results"},
                       DataAccessRoleArn=ROLE, LanguageCode="en", JobName="Zoë 1", ClientRequestToken=f"t-{wire}")
        job = start(**request)["JobId"]
        check(what, start(**request)["JobId"] == job, "another job for the same token")
        found = describe(JobId=job)["ComprehendMedicalAsyncJobProperties"]
        check(what, found["JobName"] == "Zoë 1" and found["SubmitTime"].tzinfo is not None, found)
        check(what, abs(found["SubmitTime"].timestamp() - time.time()) < 600, found["SubmitTime"])
        for condition in ({"JobName": "Zoë 1"}, {"SubmitTimeAfter": found["SubmitTime"].replace(year=2020)}):
            listed = pages(Filter=condition)["ComprehendMedicalAsyncJobPropertiesList"]
            check(what, job in [each["JobId"] for each in listed], listed)
        check(what, stop(JobId=job)["JobId"] == job)
        for refused in (describe, stop):
            try:
                refused(JobId="absent")
                check(what, False, f"{family}: an absent job is found")
            except one.exceptions.ResourceNotFoundException as error:
                check(what, error.response["ResponseMetadata"]["HTTPStatusCode"] == 404, error.response)
        try:
            start(**{**request, "DataAccessRoleArn": "no role but long enough", "ClientRequestToken": "other"})
            check(what, False, f"{family}: an invalid role is accepted")
        except one.exceptions.InvalidRequestException as error:
            check(what, error.response["Error"]["Message"].startswith("DataAccessRoleArn: "), error.response)
        try:
            pages(Filter={"JobStatus": "NONE"})
            check(what, False, f"{family}: an invalid filter is accepted")
        except one.exceptions.ValidationException:
            pass


def personalize(endpoint):
    one = client("personalize", endpoint)
    for kind, folder, role in (("segment", "jobInput", "roleArn"), ("inference", "jobInput", "roleArn")):
        create, describe = getattr(one, f"create_batch_{kind}_job"), getattr(one, f"describe_batch_{kind}_job")
        member = f"batch{kind.title()}JobArn"
        for number in range(3):
            arn = create(jobName=f"{kind}-{number}", solutionVersionArn=MODEL, roleArn=ROLE,
                         jobInput={"s3DataSource": {"path": "s3://notes/"}},
                         jobOutput={"s3DataDestination": {"path": "s3://results/"}})[member]
        job = describe(**{member: arn})[f"batch{kind.title()}Job"]
        check("Personalize", job["jobName"] == f"{kind}-2" and job["creationDateTime"].timestamp() > 1.7e9, job)
        paginator = one.get_paginator(f"list_batch_{kind}_jobs")
        pages = list(paginator.paginate(PaginationConfig={"PageSize": 2}))
        names = [each["jobName"] for page in pages for each in page[f"batch{kind.title()}Jobs"]]
        check("Personalize", len(pages) == 2 and sorted(names) == [f"{kind}-{number}" for number in range(3)], names)
        for error, request in ((one.exceptions.ResourceAlreadyExistsException, {"jobName": f"{kind}-0"}),
                               (one.exceptions.InvalidInputException, {"jobName": "x", "roleArn": "role"})):
            try:
                create(**{**dict(solutionVersionArn=MODEL, roleArn=ROLE,
                                 jobInput={"s3DataSource": {"path": "s3://notes/"}},
                                 jobOutput={"s3DataDestination": {"path": "s3://results/"}}), **request})
                check("Personalize", False, request)
            except error as caught:
                check("Personalize", caught.response["ResponseMetadata"]["HTTPStatusCode"] == 400, caught.response)
        try:
            describe(**{member: arn + "x"})
            check("Personalize", False, "an absent job is found")
        except one.exceptions.ResourceNotFoundException:
            pass


def resolution(endpoint):
    one = client("entityresolution", endpoint)
    techniques = {"resolutionType": "RULE_MATCHING", "ruleBasedProperties": {
        "rules": [{"ruleName": "r", "matchingKeys": ["k"]}], "attributeMatchingModel": "ONE_TO_ONE"}}
    workflow = dict(workflowName="people", roleArn=ROLE, resolutionTechniques=techniques, description="Zoë",
                    inputSourceConfig=[{"inputSourceARN": "arn:aws:glue:us-east-1:000000000000:table/db/t",
                                        "schemaName": "s"}],
                    outputSourceConfig=[{"outputS3Path": "s3://results/", "output": [{"name": "id"}]}],
                    tags={"a": "b"})
    check("Entity Resolution", one.create_matching_workflow(**workflow)["description"] == "Zoë")
    got = one.get_matching_workflow(workflowName="people")
    check("Entity Resolution", got["tags"] == {"a": "b"} and got["createdAt"].timestamp() > 1.7e9, got)
    changed = {name: value for name, value in workflow.items() if name != "tags"}
    check("Entity Resolution", one.update_matching_workflow(**{**changed, "description": "x"})["description"] == "x")
    names = one.get_paginator("list_matching_workflows").paginate().search("workflowSummaries[].workflowName")
    check("Entity Resolution", list(names) == ["people"])
    job = one.start_matching_job(workflowName="people")["jobId"]
    check("Entity Resolution", one.get_matching_job(workflowName="people", jobId=job)["jobId"] == job)
    jobs = one.get_paginator("list_matching_jobs").paginate(workflowName="people").search("jobs[].jobId")
    check("Entity Resolution", list(jobs) == [job])
    for _ in range(300):
        if one.get_matching_job(workflowName="people", jobId=job)["status"] in ("FAILED", "SUCCEEDED"):
            break
        time.sleep(0.1)
    for call, error, status in (
            (lambda: one.create_matching_workflow(**workflow), one.exceptions.ConflictException, 400),
            (lambda: one.get_matching_workflow(workflowName="absent"), one.exceptions.ResourceNotFoundException, 404),
            (lambda: one.get_matching_workflow(workflowName="a/b"), one.exceptions.ValidationException, 400),
            (lambda: one.list_matching_workflows(maxResults=1000), one.exceptions.ValidationException, 400)):
        try:
            call()
            check("Entity Resolution", False, error)
        except error as caught:
            check("Entity Resolution", caught.response["ResponseMetadata"]["HTTPStatusCode"] == status, caught.response)
    check("Entity Resolution", "people" in one.delete_matching_workflow(workflowName="people")["message"]
          or one.delete_matching_workflow(workflowName="people")["message"])


def throttled(endpoint):
    """A flood over a limit: each retry mode gets through, because the endpoint says when."""
    for mode in ("legacy", "standard", "adaptive"):
        one = client("personalize", endpoint, retries={"mode": mode, "total_max_attempts": 12})
        for _ in range(4):
            one.list_batch_segment_jobs()


def misdirected(endpoint):
    """Requests of other services, as they come when somebody sets AWS_ENDPOINT_URL."""
    calls = [("s3", "list_buckets", {}), ("dynamodb", "list_tables", {}), ("sqs", "list_queues", {}),
             ("sts", "get_caller_identity", {}), ("comprehendmedical", "detect_entities_v2", {"Text": "x"})]
    for wire in ("json", CBOR):
        for service, operation, params in calls:
            one = client(service, endpoint, wire if service == "comprehendmedical" else None,
                         retries={"total_max_attempts": 1})
            try:
                getattr(one, operation)(**params)
                check(service, False, "is answered")
            except botocore.exceptions.ClientError as error:
                found = error.response["Error"]
                check(service, found["Code"] == "UnknownOperationException", found)
                check(service, "AWS_ENDPOINT_URL_COMPREHENDMEDICAL" in found["Message"], found)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--endpoint", required=True, help="URL of the AWS endpoint")
    options.add_argument("--limited", required=True, help="URL of another one, whose lists are limited to 2 a second")
    options = options.parse_args()
    medical(options.endpoint, "json")
    medical(options.endpoint, CBOR)
    personalize(options.endpoint)
    resolution(options.endpoint)
    throttled(options.limited)
    misdirected(options.endpoint)
    for line in failures:
        print(line)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
