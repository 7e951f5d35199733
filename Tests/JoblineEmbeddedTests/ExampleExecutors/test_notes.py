"""rxnorm on notes that are written in unexpected ways, and the files of which one is bad."""

import csv
import itertools
import os
import re
import unicodedata
import unittest
from collections import defaultdict

from bench import EXECUTORS, SECRET, Bench


def names():
    with open(EXECUTORS / "rxnorm.csv", encoding="utf-8", newline="") as file:
        return {row["name"]: row["rxcui"] for row in csv.DictReader(file)}


def look_alikes():
    """For each ASCII letter the characters that a reader without regard to case and width takes for it."""
    found = defaultdict(set)
    for character in map(chr, range(0x80, 0x110000)):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())
        if len(folded) == 1 and folded.isascii() and folded.isalpha():
            found[folded].add(character)
    found["i"] |= {"İ", "ı", "I\u0307"}  # I and i in Turkish
    return found


class NameTests(Bench):
    def test_every_name_is_found_however_its_letters_are_written(self):
        written, alike = [], look_alikes()
        for name, code in names().items():
            for letter, characters in alike.items():
                for character in sorted(characters)[:3] + sorted(characters)[-3:]:
                    changed = re.sub(letter, lambda _: character, name, flags=re.IGNORECASE)
                    if changed != name:
                        written.append((changed, code))
            written += [(name.upper(), code), (name.lower(), code), (name[0] + "\u00ad" + name[1:], code)]
        text, expected = f"ﬃ İ {SECRET}: ", []
        for name, code in written:
            expected.append((name, len(text), len(text) + len(name), code))
            text += name + ". "
        self.write("notes/note.txt", text)
        job = self.rxnorm()
        self.assertEqual(job.status, 0, job.errors)
        found = [(entity["Text"], entity["BeginOffset"], entity["EndOffset"], entity["RxNormConcepts"][0]["Code"])
                 for entity in job.answers("note.txt.out")[0]["Entities"]]
        self.assertGreater(len(found), 4000)
        # One by one: unittest's comparison of two long lists takes minutes to show where they differ.
        for one, other in itertools.zip_longest(found, expected):
            self.assertEqual(one, other)
        self.assertEqual(job.lines("processed")[0]["characters"], len(text))

    def test_other_words_are_not_found(self):
        words = ["aspirin\u0301", "aspirin\u20dd", "a\u0303spirin", "x\u0301aspirin", "aspirin\u093e", "aspirine",
                 "äspirin", "ﬀaspirin", "amoxicillin-clavulanate", "amoxicillin\u2010clavulanate",
                 "aspirin\u2011free"]
        self.write("notes/note.txt", " ".join(words))
        self.assertEqual(self.rxnorm().answers("note.txt.out")[0]["Entities"], [])

    def test_attributes_of_every_width_have_their_offsets(self):
        text = ("ﬃ Take 500 MG of Metformin and aspirin ８１ ｍｇ daily, ibuprofen 5㎎ PO. Denies TYLENOL."
                " ½ tablet of codeine")
        self.write("notes/note.txt", text)
        entities = self.rxnorm().answers("note.txt.out")[0]["Entities"]
        self.assertEqual(
            [(entity["Text"], [(one["Type"], one["Text"]) for one in entity["Attributes"]], len(entity["Traits"]))
             for entity in entities],
            [("Metformin", [("STRENGTH", "500 MG")], 0),
             ("aspirin", [("STRENGTH", "８１ ｍｇ"), ("FREQUENCY", "daily")], 0),
             ("ibuprofen", [("STRENGTH", "5㎎"), ("ROUTE_OR_MODE", "PO")], 0), ("TYLENOL", [], 1), ("codeine", [], 0)])
        for one in entities + [one for entity in entities for one in entity["Attributes"]]:
            self.assertEqual(text[one["BeginOffset"]:one["EndOffset"]], one["Text"])


class FileTests(Bench):
    def test_a_bad_file_costs_no_other(self):
        self.write("notes/a.txt", "aspirin")
        self.write("notes/" + "n" * 252, "aspirin")
        self.write("notes/latin.txt", b"caf\xe9 " + SECRET.encode())
        self.write("notes/large.txt", "x" * 1_000_001)
        self.write("notes/clash", "aspirin")
        self.write("notes/clash.out/z.txt", "aspirin")
        self.write("notes/sub/z.txt", "aspirin")
        os.symlink("/etc", self.folder / "notes/linked")
        os.mkfifo(self.folder / "notes/pipe")
        self.write(os.fsdecode(b"notes/\xff.txt"), "aspirin")
        job = self.rxnorm()
        self.assertEqual(job.status, 0, job.errors)
        self.assertEqual(job.reasons, {
            "n" * 252: "the name is too long for its output file", "latin.txt": "not UTF-8", "large.txt": "over 1 MB",
            "clash.out/z.txt": "a folder of its output file has the name of another output file",
            "linked": "not a regular file", "pipe": "not a regular file", "\ufffd.txt": "file name is not UTF-8"})
        self.assertEqual(job.processed, {"a.txt", "clash", "sub/z.txt"})
        outputs = {str(path.relative_to(job.output)) for path in job.output.rglob("*") if path.is_file()}
        self.assertEqual(outputs, {"a.txt.out", "clash.out", "sub/z.txt.out"})

    def test_what_may_not_be_read_is_named(self):
        self.write("notes/a.txt", "aspirin")
        self.write("notes/closed.txt", "aspirin").chmod(0)
        job = self.rxnorm(is_root=False)
        self.assertEqual(job.reasons, {"closed.txt": "cannot be read: Permission denied"})
        self.assertEqual(job.processed, {"a.txt"})
        self.write("notes/sub/closed/b.txt", "aspirin")
        (self.folder / "notes/sub/closed").chmod(0)
        job = self.rxnorm(is_root=False)
        self.assertEqual(job.status, 1)
        self.assertEqual(job.message, "the folder sub/closed of the input cannot be read: Permission denied")

    def test_a_job_without_an_input_says_so(self):
        self.assertEqual(self.rxnorm("nowhere").message, "the input does not exist or cannot be read")
        (self.folder / "notes").mkdir()
        self.assertEqual(self.rxnorm().message, "the input holds no files")


class MistakeTests(Bench):
    """A mistake in an executor tells its place, and nothing of what was read."""

    def executor(self, body):
        lines = ["import sys", f"sys.path.insert(0, {str(EXECUTORS)!r})", "from jobline_executor import run", body]
        return self.write("mistaken", "\n".join(lines))

    def test_in_one_file(self):
        self.write("notes/a.txt", "aspirin")
        self.write("notes/b.txt", SECRET)
        program = self.executor(
            "def work(name, path, output):\n    output.write({'aspirin': 'found'}[path.read_text()])\n"
            "run('RxNormInference', lambda job: job.each_file(work))")
        job = self.run_job(program, "RxNormInference", [{"path": str(self.folder / "notes")}])
        self.assertEqual(job.status, 0, job.errors)
        self.assertEqual(job.processed, {"a.txt"})
        self.assertRegex(job.reasons["b.txt"], r"^unexpected KeyError at line 5 of mistaken$")
        self.assertFalse((job.output / "b.txt.out").exists())

    def test_in_the_job(self):
        for mistake in (f"raise ValueError('{SECRET}')", f"{{}}['{SECRET}']", f"int('{SECRET}')"):
            program = self.executor("run('RxNormInference', lambda job: exec(sys.argv[1]))")
            outcome = self.run_job(program, "RxNormInference", [{"path": str(self.folder)}], mistake)
            self.assertEqual(outcome.status, 1)
            self.assertRegex(outcome.message, r"^unexpected (Value|Key)Error at line 4 of mistaken$")


if __name__ == "__main__":
    unittest.main()
