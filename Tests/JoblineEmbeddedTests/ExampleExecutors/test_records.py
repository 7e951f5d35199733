"""matching and id-mapping on people of every script, and on tables of which some is bad."""

import csv
import io
import os
import random
import unittest

from bench import SECRET, Bench  # finds the executors, hence first
import jobline_csv

SCHEMA = {"mappedInputFields": [
    {"fieldName": "id", "type": "UNIQUE_ID"}, {"fieldName": "name", "type": "NAME", "matchKey": "name"},
    {"fieldName": "phone", "type": "PHONE_NUMBER", "matchKey": "phone"}]}
RULES = [{"ruleName": key, "matchingKeys": [key]} for key in ("name", "phone")]
GOOD = "id,name,phone\n1,Ann,\n2,ANN,\n3,Bob,\n"


class RecordTests(Bench):
    def table(self, name, rows):
        with open(self.write(f"{name}/part.csv", ""), "w", encoding="utf-8", newline="") as file:
            jobline_csv.write(file, [["id", "name", "phone"], *rows])

    def match(self, folder="people", schema=SCHEMA, **options):
        workflow = {
            "inputSourceConfig": [{"applyNormalization": True}],
            "outputSourceConfig": [{"output": [{"name": "name"}]}],
            "resolutionTechniques": {"resolutionType": "RULE_MATCHING", "ruleBasedProperties": {
                "attributeMatchingModel": "ONE_TO_ONE", "rules": RULES}}}
        place = {"path": str(self.folder / folder), "uri": "arn:aws:glue:::table/a/people"}
        if schema:
            place["schema"] = schema
        return self.run_job("matching", "Matching", [place], workflow=workflow, **options)

    def rows(self, job, name):
        return list(csv.DictReader(io.StringIO(job.text(f"{name}/part-00000.csv"), newline=""), strict=True))

    def groups(self, job):
        groups = {}
        for row in self.rows(job, "success"):
            groups.setdefault(row["MatchID"], []).append(row["RecordId"])
        return sorted(groups.values())

    def errors(self, job):
        return {(row["File"], row["Line"]): row["Error"] for row in self.rows(job, "error")}


class PeopleTests(RecordTests):
    def test_other_people_are_not_merged_whatever_their_script(self):
        names = ["राम", "रीमा", "バラ", "ハラ", "สม", "สิม", "Андрей", "Андреи", "שָׁלוֹם", "שִׁלֵם", "李", "季"]
        phones = ["1-800-FLOWERS", "1-800-CONTACTS", "٥٥٥ ٠١٠ ٠١٠١", "٥٥٥ ٠١٠ ٠١٠٢", "n/a", "unknown"]
        self.table("people", [[f"n{i}", name, ""] for i, name in enumerate(names)]
                   + [[f"p{i}", f"Person {i}", phone] for i, phone in enumerate(phones)])
        job = self.match()
        self.assertEqual(job.status, 0, job.errors)
        self.assertEqual([group for group in self.groups(job) if len(group) > 1], [])

    def test_the_same_people_are(self):
        self.table("people", [
            ["1", "José Pérez", ""], ["2", "JOSE PEREZ", ""], ["3", "ﾊﾞﾗ", ""], ["4", "バラ", ""],
            ["5", "Eve", "٥٥٥-٠١٠-٠١٠١"], ["6", "Eva", "(555) 010 0101"],
            ["7", "Flo", "1-800-FLOWERS"], ["8", "Flora", "800 356 9377"]])
        self.assertEqual(self.groups(self.match()), [["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"]])


class BadTableTests(RecordTests):
    def test_a_bad_file_or_row_is_named_and_counted_and_costs_no_other(self):
        self.write("people/._a.csv", b"\0\5\x16\7\0\2\0\0Mac OS X        " + SECRET.encode())
        long = "x" * 131_073
        bad = f'4,{SECRET}\udcff,\n5,{long},\n6,"{SECRET}"x,\n7,{SECRET}\n,{SECRET},\n1,Cid,\n8,"{SECRET},\n'
        self.write("people/a.csv", GOOD + bad + "9,Dee,\n")
        self.write("people/b.csv", "number,name\n1,Eve\n")
        self.write("people/c.csv", GOOD.encode("utf-16"))
        self.write("people/d.csv.gz", b"\x1f\x8b")
        self.write("people/_SUCCESS", "")
        self.write("people/empty.csv", "")
        self.write("people/" + "n" * 251 + ".csv", "id,name,phone\n10,Eve,\n")
        os.symlink("/etc/passwd", self.folder / "people/link.csv")
        os.symlink("/etc", self.folder / "people/more")
        for schema in (SCHEMA, None):
            job = self.match(schema=schema)
            self.assertEqual(job.status, 0, job.errors)
            no_header = "not CSV in UTF-8 with a header line of distinct column names"
            self.assertEqual(self.errors(job), {
                ("._a.csv", ""): no_header, ("a.csv", "5"): "not UTF-8",
                ("a.csv", "6"): "a cell has over 131072 characters",
                ("a.csv", "7"): "there is text behind a closing quote", ("a.csv", "8"): "2 values for 3 columns",
                ("a.csv", "9"): "no unique id in id", ("a.csv", "10"): "its unique id was used before",
                ("a.csv", "11"): "a quoted cell is never closed",
                ("b.csv", ""): "it has no column id" if schema else "it has another header than the files before it",
                ("c.csv", ""): no_header, ("d.csv.gz", ""): "not a CSV file: its name does not end in .csv",
                ("empty.csv", ""): no_header, ("link.csv", ""): "not a regular file",
                ("more", ""): "not a regular file"})
            if schema:
                self.assertEqual(self.groups(job), [["1", "2"], ["10"], ["3"], ["9"]])
            self.assertEqual(job.metrics, {
                "inputRecords": 19, "totalRecordsProcessed": 5, "recordsNotProcessed": 14,
                "matchIDs": 4 if schema else job.metrics["matchIDs"]})

    def test_a_table_of_which_nothing_can_be_read_fails_the_job(self):
        self.write("people/a.csv", GOOD.encode("utf-16"))
        self.assertEqual(self.match().message, "an input table has no CSV file that can be read; a.csv: "
                                               "not CSV in UTF-8 with a header line of distinct column names")

    def test_what_may_not_be_read_is_named(self):
        self.write("people/a.csv", GOOD)
        self.write("people/b.csv", GOOD).chmod(0)
        job = self.match(is_root=False)
        self.assertEqual(self.errors(job), {("b.csv", ""): "cannot be read: Permission denied"})
        self.assertEqual(job.metrics["recordsNotProcessed"], 1)
        self.write("people/sub/c.csv", GOOD)
        (self.folder / "people/sub").chmod(0)
        job = self.match(is_root=False)
        self.assertEqual(job.status, 1)
        self.assertEqual(job.message, "the folder sub of the input cannot be read: Permission denied")


class ChainTests(RecordTests):
    def test_id_mapping_reads_as_many_rows_as_matching_wrote(self):
        chance = random.Random(5)
        pieces = ["\r", "\n", "\r\n", '"', ",", " ", "a", "é", "म", "\u2028", "\x0b"]
        names = ["".join(chance.choice(pieces) for _ in range(6)) + f"x{number}" for number in range(300)]
        self.table("people", [[str(number), name, ""] for number, name in enumerate(names)])
        matched = self.match()
        self.assertEqual(matched.metrics["totalRecordsProcessed"], 300)
        for row in self.rows(matched, "success"):
            self.assertEqual(row["name"], names[int(row["RecordId"])])
        (self.folder / "success").symlink_to(matched.output / "success")
        workflow = {"idMappingTechniques": {"idMappingType": "RULE_BASED", "ruleBasedProperties": {
            "ruleDefinitionType": "SOURCE", "attributeMatchingModel": "ONE_TO_ONE",
            "recordMatchingModel": "MANY_SOURCE_TO_ONE_TARGET", "rules": RULES[:1]}}}
        inputs = [
            {"path": str(self.folder / "people"), "uri": "arn:aws:glue:::table/a/people", "schema": SCHEMA,
             "type": "SOURCE"},
            {"path": str(matched.output / "success"), "uri": "arn:aws:entityresolution:::matchingworkflow/people",
             "schema": SCHEMA, "type": "TARGET"}]
        mapped = self.run_job("id-mapping", "IdMapping", inputs, workflow=workflow)
        self.assertEqual(mapped.status, 0, mapped.errors)
        self.assertEqual(mapped.metrics["inputRecords"], 600)
        self.assertEqual(mapped.metrics["totalMappedSourceRecords"], 300)


if __name__ == "__main__":
    unittest.main()
