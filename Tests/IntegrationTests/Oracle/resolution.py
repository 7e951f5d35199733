"""Entity Resolution: the workflows of one kind and their jobs."""

from samples import TABLE
from walk import Walk, until

INVALID, UNKNOWN, CONFLICT = "ValidationException", "ResourceNotFoundException", "ConflictException"
ENDED = {"SUCCEEDED", "FAILED"}

RULES = [{"ruleName": "same email", "matchingKeys": ["email"]}, {"ruleName": "same phone", "matchingKeys": ["phone"]}]

# How a workflow of each kind says what the executor can do; all else of it comes from the model.
TECHNIQUES = {
    "Matching": {"resolutionTechniques": {"resolutionType": "RULE_MATCHING", "ruleBasedProperties": {
        "rules": RULES, "attributeMatchingModel": "ONE_TO_ONE", "matchPurpose": "IDENTIFIER_GENERATION"}}},
    "IdMapping": {"idMappingTechniques": {"idMappingType": "RULE_BASED", "ruleBasedProperties": {
        "rules": RULES, "ruleDefinitionType": "SOURCE", "attributeMatchingModel": "ONE_TO_ONE",
        "recordMatchingModel": "ONE_SOURCE_TO_ONE_TARGET"}}},
}
QUOTA = 10


class ResolutionWalk(Walk):
    def __init__(self, kind, *common):
        super().__init__(*common)
        self.kind = self.family = kind
        self.create, self.get, self.update, self.delete = (
            f"EntityResolution.{verb}{kind}Workflow" for verb in ("Create", "Get", "Update", "Delete"))
        self.list = f"EntityResolution.List{kind}Workflows"
        self.start, self.get_job = (f"EntityResolution.{verb}{kind}Job" for verb in ("Start", "Get"))
        self.list_jobs = f"EntityResolution.List{kind}Jobs"

    def sources(self, place):
        table = TABLE.replace("/ok", "/" + place)
        if self.kind == "Matching":
            return [{"inputSourceARN": table, "schemaName": "customers", "applyNormalization": True}]
        return [{"inputSourceARN": table, "schemaName": "customers", "type": "SOURCE"},
                {"inputSourceARN": TABLE, "schemaName": "customers", "type": "TARGET"}]

    def workflow(self, method, name, place="ok", **members):
        return self.request(method, workflowName=name, inputSourceConfig=self.sources(place),
                            **{**TECHNIQUES[self.kind], **members})

    def make(self, name, place="ok", **members):
        params = self.workflow(self.create, name, place, **members)
        return self.call(self.create, **params), params

    def job(self, name, job):
        return self.call(self.get_job, workflowName=name, jobId=job)

    def begin(self, name, **members):
        # the example maps everything anew, and the workflows say that jobs are incremental
        kind = {"jobType": "BATCH"} if self.kind == "IdMapping" else {}
        return self.call(self.start, workflowName=name, **{**kind, **members})["jobId"]

    def reach(self, name, job, *states):
        return until(lambda: (found := self.job(name, job))["status"] in states and found, f"{job} to be {states}")

    def run(self):
        self.stage.close(self.family)
        self.workflows()
        self.rules()
        self.quota()
        self.jobs()
        self.many()

    def workflows(self):
        self.check(self.list, self.call(self.list) == {"workflowSummaries": []}, "is not empty")
        self.refused(self.get, UNKNOWN, 404, workflowName="none")
        self.refused(self.update, UNKNOWN, 404, **self.workflow(self.update, "none"))
        self.call(self.delete, workflowName="none")
        made, params = self.make("fast")
        self.echo(self.create, made, params)
        self.echo(self.get, self.call(self.get, workflowName="fast"), params)
        self.refused(self.create, CONFLICT, 409, **params)
        changed = self.workflow(self.update, "fast", description="changed")
        self.echo(self.update, self.call(self.update, **changed), changed)
        self.echo(self.get, self.call(self.get, workflowName="fast"), {**params, **changed})
        for name, place in (("slow", "slow"), ("failing", "failing"), ("absent", "no-such-table")):
            self.make(name, place)
        least = self.request(self.create, False, workflowName="least")
        # the models require neither rules nor a path, and a workflow without them could do nothing
        self.refused(self.create, INVALID, 400, **least)
        least.update(TECHNIQUES[self.kind])
        if self.kind == "Matching":
            self.refused(self.create, INVALID, 400, **least)
            least["outputSourceConfig"][0]["outputS3Path"] = "s3://oracle-results/"
        self.echo(self.create, self.call(self.create, **least), least)
        self.echo(self.get, self.call(self.get, workflowName="least"), least)
        self.call(self.delete, workflowName="least")
        self.refused(self.get, UNKNOWN, 404, workflowName="least")
        found, token = self.pages(self.list, 1)
        self.check(self.list, {one["workflowName"] for one in found} == {"fast", "slow", "failing", "absent"},
                   f"lists {found}")
        self.workflow_token = token
        self.bad_tokens(self.list, INVALID, [])

    def echo(self, method, shown, params):
        for name in self.operation(method).output.members.keys() & params.keys():
            self.check(method, shown.get(name) == params[name], f"{name} is {shown.get(name)!r}, not {params[name]!r}")

    def rules(self):
        """What the service documents of workflows beside its model."""
        self.refused(self.create, INVALID, 400, **self.workflow(self.create, "odd", tags={"AWS:key": "x"}))
        if self.kind == "IdMapping":
            kind = self.call(self.start, workflowName="absent")
            self.check(self.start, kind["jobType"] == "INCREMENTAL", f"the workflow is incremental, the job {kind}")
            self.reach("absent", kind["jobId"], *ENDED)
            return
        for name in ("ML_MATCHING", "PROVIDER"):
            techniques = {**self.request(self.create)["resolutionTechniques"], "resolutionType": name}
            self.refused(self.create, INVALID, 400, **self.workflow(
                self.create, "odd", resolutionTechniques=techniques))
            params = self.workflow(self.create, "odd", resolutionTechniques=techniques)
            del params["incrementalRunConfig"]
            self.call(self.create, **params)
            self.call(self.delete, workflowName="odd")
        self.refused(self.create, INVALID, 400, **self.workflow(
            self.create, "odd", incrementalRunConfig={"incrementalRunType": "IMMEDIATE"}))
        params = self.workflow(self.create, "odd")
        del params["outputSourceConfig"][0]["outputS3Path"]
        self.echo(self.create, self.call(self.create, **params), params)
        self.call(self.delete, workflowName="odd")

    def quota(self):
        count = len(self.call(self.list)["workflowSummaries"])
        for number in range(count, QUOTA):
            self.make(f"more{number}")
        error = self.refused(self.create, "ExceedsLimitException", 409, **self.workflow(self.create, "over"))
        self.check(self.create, error and error["data"].get("quotaValue") == QUOTA, f"the quota: {error}")
        for number in range(count, QUOTA):
            self.call(self.delete, workflowName=f"more{number}")

    def jobs(self):
        self.refused(self.start, UNKNOWN, 404, workflowName="none")
        self.refused(self.list_jobs, UNKNOWN, 404, workflowName="none")
        self.refused(self.get_job, UNKNOWN, 404, workflowName="fast", jobId="0" * 32)
        self.check(self.list_jobs, self.call(self.list_jobs, workflowName="fast") == {"jobs": []}, "is not empty")

        running = self.begin("slow")
        self.reach("slow", running, "RUNNING")
        self.refused(self.start, CONFLICT, 409, workflowName="slow")
        self.refused(self.delete, CONFLICT, 409, workflowName="slow")
        waiting = self.begin("fast")
        shown = self.job("fast", waiting)
        self.check(self.get_job, shown["status"] == "QUEUED", f"a second job does not wait: {shown}")
        self.check(self.get_job, not shown.keys() & {"endTime", "metrics", "errorDetails"}, f"known too soon: {shown}")
        for name in ("slow", "fast"):
            self.call(self.list_jobs, workflowName=name)
        self.refused(self.get_job, UNKNOWN, 404, workflowName="fast", jobId=running)
        self.stage.open(self.family)
        for name, job in (("slow", running), ("fast", waiting)):
            shown = self.reach(name, job, *ENDED)
            self.check(self.get_job, shown["status"] == "SUCCEEDED" and "metrics" in shown, f"{name} ended as {shown}")
        for name in ("failing", "absent"):
            shown = self.reach(name, self.begin(name), *ENDED)
            self.check(self.get_job, shown["status"] == "FAILED" and shown.get("errorDetails", {}).get("errorMessage"),
                       f"{name} ended as {shown}")
            self.call(self.list_jobs, workflowName=name)

    def many(self):
        """More jobs than a page takes, all of one workflow."""
        for _ in range(4):
            self.reach("fast", self.begin("fast"), *ENDED)
        _, token = self.pages(self.list_jobs, 2, workflowName="fast")
        self.job_token = token
        self.bad_tokens(self.list_jobs, INVALID, [token, self.workflow_token], workflowName="slow")
        self.bad_tokens(self.list, INVALID, [token])

    def probes(self):
        def look(params, result):
            name = params["workflowName"]
            self.call(self.get, workflowName=name)
            self.reach(name, self.call(self.start, workflowName=name)["jobId"], *ENDED)
            self.call(self.delete, workflowName=name)

        def look_at_job(params, result):
            self.reach(params["workflowName"], result["jobId"], *ENDED)

        self.make("probed")
        # no executor is needed to see what is wrong with a request, and hundreds of processes take their time
        self.probe(self.create, look, inputSourceConfig=self.sources("no-such-table"))
        self.probe(self.get, workflowName="probed")
        self.probe(self.update, lambda params, result: self.call(self.get, workflowName=params["workflowName"]),
                   workflowName="probed")
        self.probe(self.list)
        self.probe(self.delete)
        self.probe(self.start, look_at_job, workflowName="absent")
        job = self.begin("fast")
        self.probe(self.get_job, workflowName="fast", jobId=job)
        self.reach("fast", job, *ENDED)
        self.probe(self.list_jobs, workflowName="fast")

    def foreign(self, other):
        self.bad_tokens(self.list, INVALID, [other.workflow_token])
        self.bad_tokens(self.list_jobs, INVALID, [other.job_token], workflowName="fast")
