"""Chapter 24's checks on trial: wrong answers written in other ways get the same diagnosis."""

import itertools

import differently
import jiwer
import numpy as np
import pytest
from test_exercises import mark

from rnncourse import ctc, grading, text
from rnncourse.grading import sheet_24

CHECKED = {exercise.id: exercise for exercise in grading.exercises("24") if exercise.kind != "open"}


# --- 24.2


def trellis(log_p, labels, jumps, first=2, last=2):
    """The best path, one place after the other; `jumps(rows, s)` says where a row is left out."""
    rows = [0]
    for label in labels:
        rows += [int(label), 0]
    S, T = len(rows), len(log_p)
    score = np.full((T, S), -np.inf)
    came = np.zeros((T, S), int)
    for s in range(first):
        score[0, s] = log_p[0, rows[s]]
    for t, s in itertools.product(range(1, T), range(S)):
        choices = [s, s - 1][: 1 + (s > 0)]
        if s > 1 and jumps(rows, s):
            choices.append(s - 2)
        came[t, s] = max(choices, key=lambda k, t=t: score[t - 1, k])
        score[t, s] = score[t - 1, came[t, s]] + log_p[t, rows[s]]
    s = max(range(S - last, S), key=lambda k: score[-1, k])
    best, path = score[-1, s], [s]
    for t in range(T - 1, 0, -1):
        path.insert(0, came[t, path[0]])
    return best, [rows[s] for s in path]


def jumps(rows, s):
    return rows[s] != rows[s - 2]


def from_label_to_label(log_p, labels):
    return trellis(log_p, labels, lambda rows, s: s % 2 == 1)


def two_rows_at_a_time(log_p, labels):
    return trellis(log_p, labels, lambda rows, s: True)


def one_row_at_a_time(log_p, labels):
    return trellis(log_p, labels, lambda rows, s: False)


def one_beginning(log_p, labels):
    return trellis(log_p, labels, jumps, first=1)


def one_end(log_p, labels):
    return trellis(log_p, labels, jumps, last=1)


def every_beginning(log_p, labels):
    return trellis(log_p, labels, jumps, first=2 * len(labels) + 1)


def every_end(log_p, labels):
    return trellis(log_p, labels, jumps, last=2 * len(labels) + 1)


def all_paths_together(log_p, labels):
    alpha = ctc.forward(log_p, ctc.extended(labels))
    return np.logaddexp(alpha[-1, -1], alpha[-1, -2]), trellis(log_p, labels, jumps)[1]


def the_loss_of_the_package(log_p, labels):
    return ctc.loss(log_p, labels), ctc.extended(labels)[ctc.forward(
        log_p, ctc.extended(labels)).argmax(axis=1)]  # fmt: skip


def each_step_for_itself(log_p, labels):
    path = np.argmax(log_p, axis=-1)
    return sum(row[k] for row, k in zip(log_p, path, strict=True)), path


def largest_occupancy(log_p, labels):
    """The row that most paths stand in, step by step: a path, but of no score asked for."""
    rows = ctc.extended(labels)
    path = rows[ctc.occupancy(log_p, rows).argmax(axis=1)]
    return trellis(log_p, labels, jumps)[0], path


def backwards(log_p, labels):
    best, path = trellis(log_p, labels, jumps)
    return best, path[::-1]


def without_its_first_step(log_p, labels):
    best, path = trellis(log_p, labels, jumps)
    return best, path[1:]


def arrow_before_note(log_p, labels):
    best, path = trellis(log_p, labels, jumps)
    return best, [path[0], *path[:-1]]


def better_end_of_forward(log_p, labels):
    rows = ctc.extended(labels)
    alpha = ctc.forward(log_p, rows)
    return max(alpha[-1, -2:]), rows[alpha.argmax(axis=1)]


def back_through_sums(log_p, labels):
    """The arrows follow the largest sum, and the path found gets its own score."""
    rows = ctc.extended(labels)
    alpha = ctc.forward(log_p, rows)
    s = len(rows) - 2 + int(alpha[-1, -1] > alpha[-1, -2])
    path = [s]
    for t in range(len(log_p) - 1, 0, -1):
        ways = [k for k in (s, s - 1) if k >= 0]
        ways += [s - 2] if s > 1 and jumps(rows, s) else []
        s = max(ways, key=lambda k, t=t: alpha[t - 1, k])
        path.insert(0, s)
    path = rows[path]
    return sum(row[k] for row, k in zip(log_p, path, strict=True)), path


def occupied_most(log_p, labels):
    """The row with the largest share, step by step, scored as if these were one path."""
    rows = ctc.extended(labels)
    path = rows[ctc.occupancy(log_p, rows).argmax(axis=1)]
    return sum(row[k] for row, k in zip(log_p, path, strict=True)), path


def from_a_table_of_zeros(log_p, labels):
    rows = ctc.extended(labels)
    score, came = np.zeros((len(log_p), len(rows))), np.zeros((len(log_p), len(rows)), int)
    score[0, :2] = log_p[0, rows[:2]]
    for t, s in itertools.product(range(1, len(log_p)), range(len(rows))):
        choices = [s, s - 1][: 1 + (s > 0)]
        choices += [s - 2] if s > 1 and jumps(rows, s) else []
        came[t, s] = max(choices, key=lambda k, t=t: score[t - 1, k])
        score[t, s] = score[t - 1, came[t, s]] + log_p[t, rows[s]]
    s = len(rows) - 1 - int(score[-1, -2] > score[-1, -1])
    best, path = score[-1, s], [s]
    for t in range(len(log_p) - 1, 0, -1):
        path.insert(0, came[t, path[0]])
    return best, rows[path]


def labels_alone(log_p, labels):
    best, path = trellis(log_p, labels, jumps)
    return best, ctc.collapse(path)


def mean_over_steps(log_p, labels):
    best, path = trellis(log_p, labels, jumps)
    return best / len(log_p), path


def probability_of_it(log_p, labels):
    best, path = trellis(log_p, labels, jumps)
    return np.prod(np.exp(log_p[np.arange(len(path)), path])), path


def logarithm_of_products(log_p, labels):
    best, path = trellis(log_p, labels, jumps)
    return np.log(np.prod(np.exp(log_p)[np.arange(len(path)), path])), path


def path_before_score(log_p, labels):
    return trellis(log_p, labels, jumps)[::-1]


# --- 24.3


def pairs_of(references, hypotheses):
    return [
        (true.split(), guess.split())
        for true, guess in zip(references, hypotheses, strict=True)
    ]  # fmt: skip


def letter_by_letter(references, hypotheses):
    edits = sum(text.edit_distance(h, r) for r, h in zip(references, hypotheses, strict=True))
    return edits / len("".join(references))


def letters_of_jiwer(references, hypotheses):
    return jiwer.cer(references, hypotheses)


def mean_of_jiwer(references, hypotheses):
    return np.mean([jiwer.wer(r, h) for r, h in zip(references, hypotheses, strict=True)])


def over_the_longer(references, hypotheses):
    pairs = pairs_of(references, hypotheses)
    return sum(text.edit_distance(h, r) for r, h in pairs) / sum(max(map(len, p)) for p in pairs)


def mean_over_the_longer(references, hypotheses):
    pairs = pairs_of(references, hypotheses)
    return np.mean([text.edit_distance(h, r) / max(len(h), len(r)) for r, h in pairs])


def mean_by_what_was_heard(references, hypotheses):
    pairs = [(r, h) for r, h in pairs_of(references, hypotheses) if h]
    return np.mean([text.edit_distance(h, r) / len(h) for r, h in pairs])


def exchanged(references, hypotheses):
    return jiwer.wer(references, [h or "nothing" for h in hypotheses]) * sum(
        len(r.split()) for r in references
    ) / max(1, sum(len(h.split()) for h in hypotheses))  # fmt: skip


def zipped(references, hypotheses):
    pairs = pairs_of(references, hypotheses)
    wrong = sum(sum(a != b for a, b in zip(r, h, strict=False)) for r, h in pairs)
    return wrong / sum(len(r) for r, _ in pairs)


def zipped_and_the_rest(references, hypotheses):
    pairs = pairs_of(references, hypotheses)
    wrong = sum(
        sum(a != b for a, b in zip(r, h, strict=False)) + abs(len(r) - len(h)) for r, h in pairs
    )
    return wrong / sum(len(r) for r, _ in pairs)


def jiwers_missing_and_changed(references, hypotheses):
    found = jiwer.process_words(references, hypotheses)
    return (found.substitutions + found.deletions) / sum(len(r.split()) for r in references)


def everything_joined(references, hypotheses):
    return jiwer.wer(" ".join(references), " ".join(hypotheses))


def accuracy(references, hypotheses):
    return 1 - jiwer.wer(references, hypotheses)


def clipped(references, hypotheses):
    pairs = pairs_of(references, hypotheses)
    wrong = [min(text.edit_distance(h, r), len(r)) for r, h in pairs]
    return sum(wrong) / sum(len(r) for r, _ in pairs)


def cut_off_at_one(references, hypotheses):
    return min(1, jiwer.wer(references, hypotheses))


def sentence_errors(references, hypotheses):
    return sum(r != h for r, h in zip(references, hypotheses, strict=True)) / len(references)


WRONG = [
    ("24.2", from_label_to_label, "over the blank between two *equal* digits"),
    ("24.2", two_rows_at_a_time, "it jumps over digits, too"),
    ("24.2", one_row_at_a_time, "goes through every blank"),
    ("24.2", one_beginning, "starts in the first blank"),
    ("24.2", one_end, "ends in the last blank"),
    ("24.2", every_beginning, "may start in any row"),
    ("24.2", every_end, "may end in any row"),
    ("24.2", all_paths_together, "of *all* paths"),
    ("24.2", the_loss_of_the_package, "this is the loss of CTC"),
    ("24.2", each_step_for_itself, "the best symbol of each step"),
    ("24.2", largest_occupancy, "path (T,)"),
    ("24.2", backwards, "turn the path round"),
    ("24.2", without_its_first_step, "path (T,): "),
    ("24.2", arrow_before_note, "one step late"),
    ("24.2", better_end_of_forward, "the larger of the last two sums"),
    ("24.2", back_through_sums, "sums in the table, not maxima"),
    ("24.2", occupied_most, "each step's likeliest row"),
    ("24.2", from_a_table_of_zeros, "stand at 0"),
    ("24.2", labels_alone, "collapsed already"),
    ("24.2", mean_over_steps, "score: "),
    ("24.2", probability_of_it, "not its logarithm"),
    ("24.2", logarithm_of_products, "too small for a float"),
    ("24.2", path_before_score, "in another order"),
    ("24.3", letter_by_letter, "still there: a text is a row of letters"),
    ("24.3", letters_of_jiwer, "still there: a text is a row of letters"),
    ("24.3", mean_of_jiwer, "still there: a mean of the utterances' rates"),
    ("24.3", over_the_longer, "still there: divided by the longer"),
    ("24.3", mean_over_the_longer, "still there: divided by the longer"),
    ("24.3", exchanged, "the words that were *heard*"),
    ("24.3", mean_by_what_was_heard, "and the rates are averaged"),
    ("24.3", zipped, "where one list ends"),
    ("24.3", zipped_and_the_rest, "place by place"),
    ("24.3", jiwers_missing_and_changed, "made up cost nothing"),
    ("24.3", everything_joined, "joined into one long text"),
    ("24.3", accuracy, "this is 1 minus"),
    ("24.3", clipped, "no utterance may count more mistakes"),
    ("24.3", cut_off_at_one, "the whole rate is cut off at 1"),
    ("24.3", sentence_errors, "the share of utterances"),
]


@differently.by_sentence(CHECKED.values(), WRONG)
def test_a_wrong_answer_written_differently_is_named(exercise, attempt, says):
    differently.assert_told(exercise, attempt, says)


@pytest.mark.parametrize("place", range(5))
def test_a_number_that_no_list_foresaw_is_named(place):
    numbers = list(CHECKED["24.1"].reference)
    numbers[place] += 0.27
    assert mark(CHECKED["24.1"], numbers).sentence.startswith(f"{list(sheet_24.PARTS)[place]}: ")


def test_digits_as_text_or_one_by_one_are_told_to_be_one_number():
    for transcript in ("3343", [3, 3, 4, 3]):
        said = mark(CHECKED["24.1"], (transcript, *sheet_24.RIGHT[1:])).sentence
        assert said.startswith("transcript: expected a number, got")


def test_a_right_alignment_by_the_package_and_by_lists_is_right():
    assert mark(CHECKED["24.2"], lambda *args: trellis(*args, jumps)).verdict == "right"


def test_an_alignment_in_single_precision_is_right():
    def single(log_p, labels):
        return trellis(np.asarray(log_p, dtype=np.float32), labels, jumps)

    assert mark(CHECKED["24.2"], single).verdict == "right"


# ------------------------------------------------------------------ the references and the package


def test_the_counts_by_hand_are_those_of_the_package():
    even = np.log(np.full((4, 3), 0.5))  # a path of four steps weighs 1/16
    assert sheet_24.ways("74", 4) == round(16 * ctc.over_all_paths(even)[1, 2])
    assert sheet_24.ways("77", 4) == round(16 * ctc.over_all_paths(even[:, :2])[1, 1])
    two = np.log([[0.7, 0.3], [0.7, 0.3]])
    assert ctc.over_all_paths(two)[1,] == pytest.approx(sheet_24.RIGHT[-1])
    path = [0 if k == "_" else int(k) for k in sheet_24.HEARD]
    assert int("".join(map(str, ctc.collapse(path)))) == sheet_24.RIGHT[0]


def test_the_fewest_steps_are_the_first_with_any_path():
    even = np.log(np.full((8, 3), 1 / 3))
    assert ctc.loss(even[:7], [2, 2, 1, 1, 1]) == np.inf
    assert np.isfinite(ctc.loss(even, [2, 2, 1, 1, 1]))


def test_the_best_path_is_the_best_of_all_paths_that_say_the_labels():
    rng = np.random.default_rng(24)
    for labels in ((1,), (2, 1), (3, 3), (1, 3, 1)):
        log_p = ctc.log_softmax(rng.normal(size=(6, 4)))
        paths = [p for p in itertools.product(range(4), repeat=6) if ctc.collapse(p) == [*labels]]
        scores = [log_p[np.arange(6), path].sum() for path in paths]
        score, path = sheet_24.align(log_p, np.array(labels))
        assert score == pytest.approx(max(scores))
        assert tuple(path) == paths[int(np.argmax(scores))]


def test_the_sum_over_paths_in_the_sheet_is_the_packages_loss():
    for case in sheet_24._align_cases(np.random.default_rng(25)):
        log_p, labels = case.args
        total = sheet_24._align(log_p, labels, total=True)[0]
        assert total == pytest.approx(-ctc.loss(log_p, labels))


def test_the_reference_for_the_word_error_rate_is_that_of_jiwer():
    for case in sheet_24._text_cases(np.random.default_rng(26)):
        assert sheet_24.word_error_rate(*case.args) == pytest.approx(jiwer.wer(*case.args))
