"""Comprehend Medical: the jobs of one family, from start to every end."""

from walk import Walk, until

INVALID, BAD_FILTER, UNKNOWN = "InvalidRequestException", "ValidationException", "ResourceNotFoundException"
ENDED = {"COMPLETED", "PARTIAL_SUCCESS", "FAILED", "STOPPED"}


class MedicalWalk(Walk):
    def __init__(self, family, *common):
        super().__init__(*common)
        self.family = family
        self.start, self.stop, self.describe = (
            f"ComprehendMedical.{verb}{family}Job" for verb in ("Start", "Stop", "Describe"))
        self.list = f"ComprehendMedical.List{family}Jobs"

    def job(self, job):
        return self.call(self.describe, JobId=job)["ComprehendMedicalAsyncJobProperties"]

    def begin(self, place, whole=True, **members):
        params = self.request(self.start, whole, InputDataConfig={"S3Bucket": "oracle", "S3Key": place}, **members)
        return self.call(self.start, **params)["JobId"], params

    def reach(self, job, *states):
        return until(lambda: (found := self.job(job))["JobStatus"] in states and found, f"{job} to be {states}")

    def run(self):
        self.stage.close(self.family)
        self.check(self.list, self.call(self.list) == {"ComprehendMedicalAsyncJobPropertiesList": []}, "is not empty")
        for method in (self.describe, self.stop):
            self.refused(method, UNKNOWN, 404, JobId="0" * 32)

        running, _ = self.begin("slow")
        self.reach(running, "IN_PROGRESS")
        waiting, _ = self.begin("ok", whole=False)
        following, _ = self.begin("slow/")
        self.check(self.describe, self.job(waiting)["JobStatus"] == "SUBMITTED", "a second job does not wait")
        self.by_status("IN_PROGRESS", "SUBMITTED")
        self.call(self.stop, JobId=waiting)
        self.reach(waiting, "STOPPED")
        self.stage.running(self.family)
        self.call(self.stop, JobId=running)
        self.reach(running, "STOP_REQUESTED")
        self.by_status("STOP_REQUESTED")
        self.stage.open(self.family + ".stop")
        self.reach(running, "STOPPED")
        self.call(self.stop, JobId=running)
        self.stage.open(self.family)
        self.reach(following, "COMPLETED")

        ends = {"ok": "COMPLETED", "partial": "PARTIAL_SUCCESS", "failing": "FAILED", "no-such-place": "FAILED"}
        jobs = {place: self.begin(place, JobName="named " + place) for place in ends}
        for place, state in ends.items():
            job = self.reach(jobs[place][0], *ENDED)
            self.check(self.describe, job["JobStatus"] == state, f"{place} ended as {job['JobStatus']}: {job}")
            if state != "PARTIAL_SUCCESS":
                self.check(self.describe, ("Message" in job) == (state == "FAILED"), f"Message of {state}: {job}")
            # what it says itself goes before what is configured
            version = {"failing": "2.0.0", "no-such-place": None}.get(place, "1.0.0")
            self.check(self.describe, job.get("ModelVersion") == version, f"ModelVersion of {place}: {job}")
            self.echo(job, jobs[place][1])
        self.by_status("COMPLETED", "PARTIAL_SUCCESS", "FAILED", "STOPPED")
        self.tokens(jobs["ok"])
        self.lists(jobs)
        self.unfit()

    def echo(self, job, params):
        """What was asked for is what is shown."""
        for name in job.keys() & params.keys() - {"OutputDataConfig"}:
            self.check(self.describe, job[name] == params[name], f"{name} is {job[name]!r}, asked was {params[name]!r}")
        shown, asked = job["OutputDataConfig"], params["OutputDataConfig"]
        self.check(self.describe, shown["S3Bucket"] == asked["S3Bucket"]
                   and shown["S3Key"].startswith(asked.get("S3Key", "")), f"the output is at {shown}")

    def by_status(self, *states):
        for state in states:
            found = self.call(self.list, Filter={"JobStatus": state})["ComprehendMedicalAsyncJobPropertiesList"]
            self.check(self.list, found and {job["JobStatus"] for job in found} == {state}, f"{state}: {found}")

    def tokens(self, started):
        job, params = started
        again = self.call(self.start, **params)["JobId"]
        self.check(self.start, again == job, "the same token and request made another job")
        other = {**params, "JobName": "another"}
        self.refused(self.start, INVALID, 400, **other)

    def lists(self, jobs):
        found, token = self.pages(self.list, 2)
        times = sorted(job["SubmitTime"] for job in found)
        named, named_token = self.pages(self.list, 1, Filter={"JobName": "named ok"})
        self.check(self.list, {job["JobId"] for job in named} == {jobs["ok"][0]}, "filter by name")
        before, before_token = self.pages(self.list, 3, Filter={"SubmitTimeBefore": times[-1]})
        self.check(self.list, [job["SubmitTime"] for job in before] == [at for at in times if at < times[-1]],
                   "filter by time before: oldest first")
        after, after_token = self.pages(self.list, 3, Filter={"SubmitTimeAfter": times[0]})
        self.check(self.list, [job["SubmitTime"] for job in after] == [at for at in times[::-1] if at > times[0]],
                   "filter by time after: newest first")
        self.bad_tokens(self.list, INVALID, [named_token, before_token, after_token])
        self.bad_tokens(self.list, INVALID, [token], Filter={"JobStatus": "COMPLETED"})
        self.page_token = token

    def unfit(self):
        self.refused(self.list, BAD_FILTER, -32602, Filter={"JobName": "a", "JobStatus": "FAILED"})
        self.refused(self.list, INVALID, -32602, MaxResults=0)
        self.refused(self.start, INVALID, -32602, **self.request(
            self.start, InputDataConfig={"S3Bucket": "oracle", "S3Key": "a//b"}))
        for place in ("../x", "a/../b", "a/./b", "/../a"):
            self.refused(self.start, INVALID, 400, **self.request(
                self.start, InputDataConfig={"S3Bucket": "oracle", "S3Key": place}))

    def probes(self):
        def look(params, result):
            self.call(self.describe, JobId=result["JobId"])

        job, _ = self.begin("ok")
        # no executor is needed to see what is wrong with a request, and hundreds of processes take their time
        self.probe(self.start, look, InputDataConfig={"S3Bucket": "oracle", "S3Key": "no-such-place"})
        self.probe(self.stop, JobId=job)
        self.probe(self.describe, JobId=job)
        self.probe(self.list)
        self.pages(self.list, 100)

    def foreign(self, other):
        """A page of another family is none of this one."""
        self.bad_tokens(self.list, INVALID, [other.page_token])
        job, _ = other.begin("ok")
        for method in (self.describe, self.stop):
            self.refused(method, UNKNOWN, 404, JobId=job)
