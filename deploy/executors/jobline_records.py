"""What `matching` and `id-mapping` share: rules, schemas, and CSV tables whose values can be compared.

Values are compared exactly, after normalisation where it is asked for. All of them are folded as jobline_text.py says
and lose extra spaces. Names and addresses also lose accents and punctuation, and addresses get their usual
abbreviations. Phone numbers become digits, letters as on a keypad, without an extension and the leading 1 of North
America. Dates become YYYY-MM-DD (03/04/1980 is read month first). Unique ids are compared as they are.

A schema says which fields share a match key (ONE_TO_ONE compares like sub types only, MANY_TO_MANY any with any), which
are joined as one group, and which holds the unique id. Without a schema every column is its own match key and the first
one is the unique id.

What a matching job has written can be an input like any table. Its records are the groups, by their MatchID, each with
the values of all its rows; a schema gives meaning to those of its fields and groups that were written.

A record that cannot be used gets a line in error/ with its file, line and reason. A file that cannot be used gets one
line there and counts as one record. Files whose name begins with . or _ and is not that of a CSV file are no data.
"""

import contextlib
import itertools
from collections import defaultdict

import jobline_csv
from jobline_executor import Failure, LeftOut
from jobline_text import normaliser

MAX_COMBINATIONS = 10_000  # of sub types in one rule for one record
METADATA = ("InputSourceARN", "ConfidenceLevel", "MatchRule", "MatchID", "RecordId")
ERROR_COLUMNS = ("InputSourceARN", "File", "Line", "RecordId", "Error")


# What the workflow asks for


class Rules:
    """The rules of a workflow: their names and matching keys, and how sub types are compared."""

    def __init__(self, properties):
        self.many_to_many = properties.get("attributeMatchingModel") == "MANY_TO_MANY"
        self.rules = [(rule["ruleName"], rule["matchingKeys"]) for rule in properties["rules"]]
        for rule_name, keys in self.rules:
            if not keys:
                raise Failure(f"rule {rule_name} has no matching keys")
        self.keys = sorted({key for _, keys in self.rules for key in keys})

    def signatures(self, rule_name, keys, record):
        """What a record has to share with another one to satisfy a rule; nothing if it lacks one of the keys."""
        options = [sorted(self.comparable(record.values.get(key, ()))) for key in keys]
        total = 1
        for option in options:
            total *= len(option)
        if total > MAX_COMBINATIONS:
            raise Failure(f"rule {rule_name} has over {MAX_COMBINATIONS} combinations of sub types for one record")
        return itertools.product(*options)

    def comparable(self, slots):
        return {("", value) for _, value in slots} if self.many_to_many else set(slots)


@contextlib.contextmanager
def reading_workflow():
    """Where a workflow and its schemas are read, what they lack is the caller's mistake, and is said so."""
    try:
        yield
    except KeyError as error:
        raise Failure(f"the workflow or a schema lacks the member {error}") from error
    except (IndexError, TypeError, AttributeError) as error:
        raise Failure("the workflow or a schema has a member of the wrong type") from error


# The tables


class Attribute:
    """One field of a table, or several that are joined because they share a group."""

    def __init__(self, fields):
        self.fields = [field["fieldName"] for field in fields]
        self.group = fields[0].get("groupName") or ""
        self.sub_type = fields[0].get("subType") or ""
        self.key = next((field["matchKey"] for field in fields if field.get("matchKey")), "")
        self.normalisers = [normaliser(field.get("type", "STRING")) for field in fields]

    def value(self, row, normalised):
        parts = (row[field] for field in self.fields)
        if normalised:
            parts = (normalise(part) for normalise, part in zip(self.normalisers, parts))
        return " ".join(part for part in parts if part.strip())


class Table:
    """One input: where its records come from and what its columns mean."""

    def __init__(self, place, normalised):
        self.arn = place.uri
        self.normalised = normalised
        self.place = place
        self.is_matched = ":matchingworkflow/" in place.uri
        self.schema = place.schema["mappedInputFields"] if place.schema else None
        self.describe(self.schema or [])
        if self.is_matched:
            self.describe([])  # its columns are known when its files are

    def describe(self, fields):
        """Takes the meaning of the columns from the fields of a schema."""
        ids = [field["fieldName"] for field in fields if field.get("type") == "UNIQUE_ID"]
        if fields and len(ids) != 1:
            raise Failure("a schema needs exactly one field of type UNIQUE_ID")
        self.id_field = ids[0] if ids else ""
        self.fields = [field["fieldName"] for field in fields]
        groups = defaultdict(list)
        for number, field in enumerate(fields):
            groups[field.get("groupName") or number].append(field)
        self.attributes = [Attribute(group) for group in groups.values()]
        self.by_name = {one.group: one for one in self.attributes if one.group}
        for field in fields:
            self.by_name.setdefault(field["fieldName"], Attribute([dict(field, groupName="")]))
        shared = defaultdict(int)
        for one in self.attributes:
            shared[one.key] += 1
        # a key's only attribute is comparable with the only one of another table whatever they are called
        self.slots = [
            (one, one.sub_type or ("" if shared[one.key] == 1 else one.group or one.fields[0]))
            for one in self.attributes if one.key
        ]

    def records(self):
        """Every record, good or not: (record or None, file name, line, record id, what is wrong).

        A file that is left out comes as one record without a line.
        """
        seen = set()
        is_read = False
        reason = "it has no files"
        for file_name, path, wrong in self.place.files():
            try:
                if not file_name.casefold().endswith(".csv"):
                    if file_name.rpartition("/")[2].startswith((".", "_")):
                        continue
                    wrong = wrong or "not a CSV file: its name does not end in .csv"
                if wrong:
                    raise LeftOut(wrong)
                for line, row, wrong in self.rows(path):
                    is_read = True
                    yield self.checked(row, seen, wrong, file_name, line)
                is_read = True
            except LeftOut as left_out:
                reason = f"{file_name}: {left_out}"
                yield None, file_name, "", "", str(left_out)
        if not is_read:
            raise Failure(f"an input table has no CSV file that can be read; {reason}")

    def checked(self, row, seen, wrong, file_name, line):
        record_id = (row.get(self.id_field) or "").strip()
        if not wrong and not record_id:
            wrong = f"no unique id in {self.id_field}"
        if not wrong and record_id in seen and not self.is_matched:
            wrong = "its unique id was used before"
        if not wrong:
            seen.add(record_id)
        return None if wrong else Record(self, record_id, row), file_name, line, record_id, wrong

    def rows(self, path):
        try:
            with jobline_csv.opened(path) as file:
                records = jobline_csv.records(file)
                _, header, wrong = next(records, (0, [], ""))
                if not header or not jobline_csv.is_header(header, wrong):
                    raise LeftOut("not CSV in UTF-8 with a header line of distinct column names")
                self.check(header)
                for line, values, wrong in records:
                    if not wrong and len(values) != len(header):
                        wrong = f"{len(values)} values for {len(header)} columns"
                    yield line, dict(zip(header, values)), wrong
        except OSError as error:
            raise LeftOut(f"cannot be read: {error.strerror}") from error

    def check(self, header):
        if self.is_matched or not self.schema:
            fields = list(self.matched(header) if self.is_matched else self.plain(header))
            if self.fields and self.fields != [field["fieldName"] for field in fields]:
                raise LeftOut("it has another header than the files before it")
            self.describe(fields)
        for field in self.fields:
            if field not in header:
                raise LeftOut(f"it has no column {field}")

    @staticmethod
    def plain(columns):
        """The fields of a table without a schema."""
        for number, column in enumerate(columns):
            yield {"fieldName": column, "matchKey": column, "type": "STRING" if number else "UNIQUE_ID"}

    def matched(self, header):
        """The fields of what a matching job has written."""
        yield {"fieldName": "MatchID", "type": "UNIQUE_ID"}
        columns = [column for column in header if column not in METADATA]
        if self.schema is None:
            yield from ({"fieldName": column, "matchKey": column} for column in columns)
            return
        known = {}
        for field in self.schema:
            # a unique id of the matching job's input is none here: several of them are one group
            known[field["fieldName"]] = dict(field, type="STRING") if field.get("type") == "UNIQUE_ID" else field
        for field in self.schema:
            if field.get("groupName") and field.get("matchKey"):
                known[field["groupName"]] = dict(field, fieldName=field["groupName"], groupName="")
        yield from (known[column] for column in columns if column in known)


class Record:
    """One record, its values by match key, and the rule that first joined it to another."""

    def __init__(self, table, record_id, row):
        self.table = table
        self.id = record_id
        self.row = row
        self.rows = 1
        self.rule = ""
        self.values = {}

    def find(self, keys):
        """Sets the values for some match keys: {key: {(slot, value), ...}}, empty values left out."""
        self.values = defaultdict(set)
        for attribute, slot in self.table.slots:
            value = attribute.value(self.row, self.table.normalised)
            if attribute.key in keys and value:
                self.values[attribute.key].add((slot, value))

    def join(self, other):
        """Takes the values of another row of the same group."""
        self.rows += 1
        for key, values in other.values.items():
            self.values[key] |= values

    def attribute(self, column, normalised):
        found = self.table.by_name.get(column)
        return found.value(self.row, normalised) if found else ""


def load(tables, keys):
    """All usable records with their values for `keys`, and a line for each that is not usable."""
    records, errors = [], []
    for table in tables:
        groups = {}
        for record, file_name, line, record_id, wrong in table.records():
            if record:
                record.find(keys)
                wrong = "" if record.values else "no value for any match key of the rules"
            if wrong:
                errors.append((table.arn, file_name, line, record_id, wrong))
            elif record_id in groups:
                groups[record_id].join(record)
            else:
                groups[record_id] = record
                records.append(record)
    return records, errors


def match_keys(tables):
    """The match keys that these tables have, once they are loaded."""
    return {attribute.key for table in tables for attribute, _ in table.slots}


def write_csv(job, name, columns, rows):
    with job.create(name) as file:
        jobline_csv.write(file, [columns])
        jobline_csv.write(file, rows)


def write_errors(job, errors):
    write_csv(job, "error/part-00000.csv", ERROR_COLUMNS, errors)
