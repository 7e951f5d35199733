"""batch-segment and batch-inference on input of which some is bad."""

import json
import os
import unittest

from bench import SECRET, Bench

INTERACTIONS = "USER_ID,ITEM_ID,TIMESTAMP\nann,1,1\nann,1,2\nbob,1,3\nbob,2,4\n"
EXPECTED = 'expected {"itemId":"..."} and nothing else, the only input this example knows'


class BatchTests(Bench):
    def segment(self, interactions=INTERACTIONS):
        path = self.write("interactions.csv", interactions)
        return self.run_job(
            "batch-segment", "BatchSegment", [{"path": str(self.folder / "in")}], "--interactions", str(path))

    def test_a_bad_line_becomes_an_error_and_the_others_are_answered(self):
        lines = [b'{"itemId":"1"}', b"", SECRET.encode(), b"\xff\xfe", b'{"itemId":1}', b'["1"]', b"[" * 60_000,
                 b"x" * 70_000, b'{"itemId":"\\ud800"}', b'{"itemId":"1"}']
        self.write("in/items.json", b"\n".join(lines))
        job = self.segment()
        self.assertEqual(job.status, 0, job.errors)
        answers = job.answers("items.json.out")
        good = {"input": {"itemId": "1"}, "output": {"usersList": ["ann", "bob"]}, "error": None}
        self.assertEqual(answers[0], good)
        self.assertEqual(answers[-1], good)
        self.assertEqual(answers[-2]["error"], "no interactions with item \ud800")
        self.assertEqual([one["error"] for one in answers[1:-2]], [EXPECTED] * 5 + ["over 64 KiB"])
        self.assertTrue(all(one["input"] is None and one["output"] is None for one in answers[1:-2]))

    def test_a_bad_file_costs_no_other(self):
        self.write("in/good.json", json.dumps({"itemId": "1"}))
        self.write("in/" + "n" * 252, json.dumps({"itemId": "1"}))
        self.write("in/._good.json", b"\0\5\x16\7\0\2\0\0Mac OS X        ")
        os.symlink("/etc/passwd", self.folder / "in/link.json")
        job = self.segment()
        self.assertEqual(job.status, 0, job.errors)
        self.assertEqual(job.reasons, {
            "n" * 252: "the name is too long for its output file", "link.json": "not a regular file"})
        self.assertEqual(job.answers("._good.json.out"), [{"input": None, "output": None, "error": EXPECTED}])
        self.assertEqual(len(job.answers("good.json.out")), 1)

    def test_a_job_of_which_nothing_can_be_done_fails(self):
        self.write("in/items.csv", f"ITEM_ID\n{SECRET}\n")
        self.assertEqual(self.segment().message, f"line 1 of items.csv: {EXPECTED}")
        os.unlink(self.folder / "in/items.csv")
        os.symlink("/etc/passwd", self.folder / "in/link.json")
        self.assertEqual(self.segment().message, "link.json: not a regular file")

    def test_bad_interactions_are_left_out_and_counted(self):
        self.write("in/items.json", json.dumps({"itemId": "1"}))
        bad = f'{SECRET},2,soon\n{SECRET},\udcff,1\n{SECRET},{"x" * 131_073},1\n{SECRET}\n"{SECRET},1,1\n'
        job = self.segment(INTERACTIONS + bad + "cid,1,1\n")
        self.assertEqual(job.status, 0, job.errors)
        self.assertEqual(job.answers("items.json.out")[0]["output"], {"usersList": ["ann", "bob", "cid"]})
        self.assertRegex(job.message, "^5 lines of the interactions file, the first of them line 6, are left out")

    def test_interactions_that_cannot_be_used_fail_the_job(self):
        self.write("in/items.json", json.dumps({"itemId": "1"}))
        self.assertEqual(self.segment("USER_ID,ITEM_ID\n").message, "the interactions file has no column TIMESTAMP")
        self.assertEqual(self.segment(b"\xff\xfeU\0S\0").message,
                         "the interactions file is not CSV in UTF-8 with a header line")
        self.assertEqual(self.segment(f"USER_ID,ITEM_ID,TIMESTAMP\n{SECRET},1,soon\n").message,
                         "the interactions file has no line that can be used")
        self.assertEqual(self.segment("").message, "the interactions file has no column USER_ID")


if __name__ == "__main__":
    unittest.main()
