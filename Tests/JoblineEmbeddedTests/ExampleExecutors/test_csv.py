"""The examples' CSV against Python's own reader, and on what is not CSV."""

import csv
import io
import random
import unittest

import bench  # finds the executors
import jobline_csv

PIECES = list('ab,"\r\n é') + ["\r\n", '""', "\u2028", "\x0b", "\x85", "\0"]


def read(text):
    return list(jobline_csv.records(io.StringIO(text, newline="")))


class RoundTripTests(unittest.TestCase):
    def test_what_is_written_is_read_by_every_reader(self):
        chance = random.Random(2)
        for _ in range(10_000):
            rows = [[random_text(chance, 5) for _ in range(chance.randint(1, 4))] for _ in range(chance.randint(1, 4))]
            file = io.StringIO(newline="")
            jobline_csv.write(file, rows)
            self.assertEqual([cells for _, cells, _ in read(file.getvalue())], rows)
            self.assertEqual(list(csv.reader(io.StringIO(file.getvalue(), newline=""), strict=True)), rows)

    def test_a_lone_carriage_return_is_quoted(self):
        file = io.StringIO(newline="")
        jobline_csv.write(file, [["a\rb", "c"]])
        self.assertEqual(file.getvalue(), '"a\rb",c\n')


class ReadingTests(unittest.TestCase):
    def test_any_text_is_read_as_pythons_strict_reader_does(self):
        chance = random.Random(3)
        for _ in range(50_000):
            text = random_text(chance, 10)
            try:
                expected = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
            except csv.Error:
                self.assertTrue(any(wrong for _, _, wrong in read(text)), ascii(text))
            else:
                self.assertEqual([cells for _, cells, wrong in read(text) if not wrong], expected, ascii(text))

    def test_a_bad_record_costs_no_other(self):
        for text, good, bad in [
            ('a\n"b\nc\nd\n', {1: "a", 3: "c", 4: "d"}, {2: "a quoted cell is never closed"}),
            ('a\n"b"c\nd\n', {1: "a", 3: "d"}, {2: "there is text behind a closing quote"}),
            ('a\n"b\nc"d\ne\n', {1: "a", 4: "e"}, {2: "there is text behind a closing quote"}),
            ("a\nb\udcff\nc\n", {1: "a", 3: "c"}, {2: "not UTF-8"}),
            ("a\n" + "b" * 131_073 + "\nc\n", {1: "a", 3: "c"}, {2: "a cell has over 131072 characters"}),
            ('a\n"' + "b\n" * 70_000 + '"\nc\n', {1: "a", 70_003: "c"}, {2: "a cell has over 131072 characters"}),
            ("a\n" + "b" * 131_072 + "\n", {1: "a", 2: "b" * 131_072}, {}),
        ]:
            found = read(text)
            self.assertEqual({line: cells[0] for line, cells, wrong in found if not wrong}, good)
            self.assertEqual({line: wrong for line, _, wrong in found if wrong}, bad)


def random_text(chance, length):
    return "".join(chance.choice(PIECES) for _ in range(chance.randint(0, length)))


if __name__ == "__main__":
    unittest.main()
