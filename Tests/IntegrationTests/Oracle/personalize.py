"""Personalize: the jobs of one kind."""

from samples import KEY
from walk import Walk, until

INVALID, UNKNOWN, BAD_TOKEN = "InvalidInputException", "ResourceNotFoundException", "InvalidNextTokenException"
ENDED = {"ACTIVE", "CREATE FAILED"}
QUOTA = 5


class PersonalizeWalk(Walk):
    def __init__(self, kind, *common):
        super().__init__(*common)
        self.family = f"Batch{kind}"
        self.create, self.describe = (f"Personalize.{verb}Batch{kind}Job" for verb in ("Create", "Describe"))
        self.list = f"Personalize.ListBatch{kind}Jobs"
        self.arn, self.items = f"batch{kind}JobArn", f"batch{kind}Jobs"
        self.detail = f"batch{kind}Job"

    def job(self, arn):
        return self.call(self.describe, **{self.arn: arn})[self.detail]

    def params(self, place, whole=True, **members):
        return self.request(self.create, whole, jobInput=self.source(place), **members)

    @staticmethod
    def source(place):
        return {"s3DataSource": {"path": f"s3://oracle/{place}/items.json", "kmsKeyArn": KEY}}

    def begin(self, place, whole=True, **members):
        params = self.params(place, whole, **members)
        return self.call(self.create, **params)[self.arn], params

    def reach(self, arn, *states):
        return until(lambda: (found := self.job(arn))["status"] in states and found, f"{arn} to be {states}")

    def run(self):
        self.stage.close(self.family)
        self.check(self.list, self.call(self.list) == {self.items: []}, "is not empty")
        self.refused(self.describe, UNKNOWN, 404, **{self.arn: "arn:aws:personalize:us-east-1:000000000000:x/none"})

        jobs = [self.begin("slow", jobName="first", tags=[])]
        self.reach(jobs[0][0], "IN PROGRESS")
        jobs.append(self.begin("ok", whole=False, jobName="second"))
        jobs.append(self.begin("failing", jobName="third"))
        jobs.append(self.begin("no-such-place", jobName="fourth"))
        other = "arn:aws:personalize:us-east-1:000000000000:solution/other/v1"
        jobs.append(self.begin("ok", jobName="fifth", solutionVersionArn=other))
        self.check(self.describe, self.job(jobs[1][0])["status"] == "PENDING", "a second job does not wait")
        error = self.refused(self.create, "LimitExceededException", 409, **self.params("ok"))
        self.check(self.create, error and error["data"].get("quotaValue") == QUOTA, f"the quota: {error}")
        self.call(self.list)
        self.stage.open(self.family)
        for (arn, params), state in zip(jobs, ("ACTIVE", "ACTIVE", "CREATE FAILED", "CREATE FAILED", "ACTIVE")):
            job = self.reach(arn, *ENDED)
            self.check(self.describe, job["status"] == state, f"{params['jobName']} ended as {job}")
            self.check(self.describe, ("failureReason" in job) == (state == "CREATE FAILED"), f"the reason: {job}")
            for name in job.keys() & params.keys():
                self.check(self.describe, job[name] == params[name], f"{name} is {job[name]!r}, not {params[name]!r}")
        for name in ("first", "third"):
            self.refused(self.create, "ResourceAlreadyExistsException", 409, **self.params("ok", jobName=name))

        found, self.page_token = self.pages(self.list, 2)
        self.check(self.list, {job["jobName"] for job in found} == {"first", "second", "third", "fourth", "fifth"},
                   f"lists {found}")
        mine, token = self.pages(self.list, 1, solutionVersionArn=jobs[0][1]["solutionVersionArn"])
        self.check(self.list, len(mine) == 4, f"of one solution version: {mine}")
        self.bad_tokens(self.list, BAD_TOKEN, [token])
        self.bad_tokens(self.list, BAD_TOKEN, [self.page_token, token], solutionVersionArn=other)
        self.tags()
        if "Inference" in self.create:
            themes = self.request(self.create, batchInferenceJobMode="THEME_GENERATION")
            del themes["themeGenerationConfig"]
            self.refused(self.create, INVALID, 400, **themes)
        url = {"s3DataSource": {"path": "https://oracle.s3.us-east-1.amazonaws.com/ok/items.json"}}
        job = self.reach(self.call(self.create, **self.request(self.create, jobInput=url))[self.arn], *ENDED)
        self.check(self.describe, job["status"] == "ACTIVE" and job["jobInput"] == url, f"of a URL: {job}")
        for place in ("https://oracle/ok", "s3:///ok", "s3://oracle/../x"):
            self.refused(self.create, INVALID, 400, **self.request(
                self.create, jobInput={"s3DataSource": {"path": place}}))

    def tags(self):
        def many(count):
            return [{"tagKey": f"key{number}", "tagValue": ""} for number in range(count)]

        self.refused(self.create, "TooManyTagsException", 400, **self.request(self.create, tags=many(51)))
        for tags in (many(1) + many(1), [{"tagKey": "AWS:key", "tagValue": ""}], [{"tagKey": "key", "tagValue": "aws:x"}]):
            self.refused(self.create, INVALID, 400, **self.request(self.create, tags=tags))
        arn, _ = self.begin("ok", jobName="tagged", tags=many(50))
        self.reach(arn, *ENDED)

    def probes(self):
        def look(params, result):
            self.reach(result[self.arn], *ENDED)

        arn, _ = self.begin("ok")
        # no executor is needed to see what is wrong with a request, and hundreds of processes take their time
        self.probe(self.create, look, jobInput=self.source("no-such-place"))
        self.probe(self.describe, **{self.arn: arn})
        self.probe(self.list)
        self.pages(self.list, 100)

    def foreign(self, other):
        self.bad_tokens(self.list, BAD_TOKEN, [other.page_token])
        arn, _ = other.begin("ok")
        self.refused(self.describe, UNKNOWN, 404, **{self.arn: arn})
