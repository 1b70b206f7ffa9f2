"""Chapter 16's checks on trial: wrong answers written in other ways get the same diagnosis."""

from collections import Counter

import differently
import numpy as np
import pytest
from sacrebleu.metrics import BLEU
from test_exercises import mark

from rnncourse import decoding, grading
from rnncourse.grading import sheet_16

CHECKED = {exercise.id: exercise for exercise in grading.exercises("16") if exercise.kind != "open"}


# --- 16.2


def framed_and_cut(ids, lengths, start, end, pad):
    rows = np.full((len(ids), ids.shape[1] + 2), pad)
    for row, words, n in zip(rows, ids, lengths, strict=True):
        row[0], row[1 : n + 1], row[n + 1] = start, words[:n], end
    return rows[:, :-1], rows[:, 1:], rows[:, 1:] != pad


def end_glued_to_the_rectangle(ids, lengths, start, end, pad):
    B, T = ids.shape
    inputs = np.hstack([np.full((B, 1), start), ids])
    targets = np.hstack([ids, np.full((B, 1), end)])
    return inputs, targets, np.arange(T + 1)[None] < lengths[:, None] + 1


def words_alone_count(ids, lengths, start, end, pad):
    inputs, targets, _ = sheet_16.teacher_forced(ids, lengths, start, end, pad)
    return inputs, targets, (targets != pad) & (targets != end)


def everything_counts(ids, lengths, start, end, pad):
    inputs, targets, mask = sheet_16.teacher_forced(ids, lengths, start, end, pad)
    return inputs, targets, np.ones_like(mask)


def not_shifted(ids, lengths, start, end, pad):
    _, targets, mask = sheet_16.teacher_forced(ids, lengths, start, end, pad)
    return targets.copy(), targets, mask


def rolled_without_an_axis(ids, lengths, start, end, pad):
    _, targets, mask = sheet_16.teacher_forced(ids, lengths, start, end, pad)
    return np.roll(targets.ravel(), 1).reshape(targets.shape), targets, mask


def filled_with_zeros(ids, lengths, start, end, pad):
    inputs, targets = np.zeros((2, len(ids), ids.shape[1] + 1), dtype=int)
    for b, n in enumerate(lengths):
        inputs[b, : n + 1] = [start, *ids[b, :n]]
        targets[b, : n + 1] = [*ids[b, :n], end]
    return inputs, targets, targets != 0


def never_ends(ids, lengths, start, end, pad):
    inputs, _, mask = sheet_16.teacher_forced(ids, lengths, start, end, pad)
    return inputs, np.pad(ids, ((0, 0), (0, 1)), constant_values=pad), mask


def one_symbol_for_end_and_padding(ids, lengths, start, end, pad):
    inputs, targets, mask = sheet_16.teacher_forced(ids, lengths, start, end, pad)
    return inputs, np.where(mask, targets, end), mask


# --- 16.4


def loop(encode, step, source, T, start, feed, keep):
    """Decode with a chosen word fed and a chosen summary."""
    first = state = encode(source)
    ids, said = np.full(len(source), start), []
    for t in range(T):
        logits, state = step(ids, state, keep(first, state))
        said.append(np.argmax(logits, axis=-1))
        ids = feed(t, said[-1])
    return np.array(said).T


def cut(said, end):
    said = said.copy()
    for row in said:
        if end in row:
            row[row.tolist().index(end) :] = end
    return said


def result(said, target):
    return said, np.mean([np.array_equal(a, b) for a, b in zip(said, target, strict=True)])


def never_cut(encode, step, source, target, start, end):
    said = loop(encode, step, source, target.shape[1], start, lambda t, ids: ids, lambda s, h: s)
    return result(said, target)


def summary_is_the_newest_state(encode, step, source, target, start, end):
    said = loop(encode, step, source, target.shape[1], start, lambda t, ids: ids, lambda s, h: h)
    return result(cut(said, end), target)


def still_taught(encode, step, source, target, start, end):
    said = loop(
        encode, step, source, target.shape[1], start, lambda t, ids: target[:, t], lambda s, h: s
    )
    return result(cut(said, end), target)


def taught_and_never_cut(encode, step, source, target, start, end):
    said = loop(
        encode, step, source, target.shape[1], start, lambda t, ids: target[:, t], lambda s, h: s
    )
    return result(said, target)


def all_three_faults(encode, step, source, target, start, end):
    said = loop(
        encode, step, source, target.shape[1], start, lambda t, ids: target[:, t], lambda s, h: h
    )
    return result(said, target)


def words_of_the_right_answer(encode, step, source, target, start, end):
    said, _ = sheet_16.translate(encode, step, source, target, start, end)
    return said, np.sum(said == target) / said.size


def as_long_as_the_target(encode, step, source, target, start, end):
    said = loop(encode, step, source, target.shape[1], start, lambda t, ids: ids, lambda s, h: s)
    return result(np.where(np.cumsum(target == end, axis=1) > 0, end, said), target)


def from_an_empty_state(encode, step, source, target, start, end):
    summary, ids, said = encode(source), np.full(len(source), start), []
    state = 0 * summary
    for _ in range(target.shape[1]):
        logits, state = step(ids, state, summary)
        ids = logits.argmax(axis=1)
        said.append(ids)
    return result(cut(np.stack(said, axis=1), end), target)


def words_of_the_target_alone_compared(encode, step, source, target, start, end):
    said, _ = sheet_16.translate(encode, step, source, target, start, end)
    return said, np.mean([(a == b)[b != end].all() for a, b in zip(said, target, strict=True)])


def always_start(encode, step, source, target, start, end):
    said = loop(
        encode, step, source, target.shape[1], start, lambda t, ids: 0 * ids + start, lambda s, h: s
    )
    return result(cut(said, end), target)


# --- 16.5


def grams(words, n):
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def assembled(said, truth, N, matches, totals, brevity=True):
    p = []
    for n in range(1, N + 1):
        pairs = [(grams(a, n), grams(b, n)) for a, b in zip(said, truth, strict=True)]
        p.append(sum(matches(a, b) for a, b in pairs) / max(sum(totals(a, b) for a, b in pairs), 1))
    c, r = sum(map(len, said)), sum(map(len, truth))
    factor = min(1.0, np.exp(1 - r / c)) if brevity else 1.0
    return factor * np.prod(p) ** (1 / N)


def clip(a, b):
    counts = Counter(b)
    return sum(min(n, counts[gram]) for gram, n in Counter(a).items())


def found_anywhere(said, truth, N):
    return assembled(said, truth, N, lambda a, b: sum(g in b for g in a), lambda a, b: len(a))


def sets_of_ngrams(said, truth, N):
    return assembled(said, truth, N, lambda a, b: len(set(a) & set(b)), lambda a, b: len(set(a)))


def recall_of_ngrams(said, truth, N):
    return assembled(said, truth, N, clip, lambda a, b: len(b))


def never_brief(said, truth, N):
    return assembled(said, truth, N, clip, lambda a, b: len(a), brevity=False)


def sentence_by_sentence(said, truth, N):
    return np.mean([sheet_16.bleu([a], [b], N) for a, b in zip(said, truth, strict=True)])


def in_percent(said, truth, N):
    return 100.0 * assembled(said, truth, N, clip, lambda a, b: len(a))


def right_in_any_sentence(said, truth, N):
    p = []
    for n in range(1, N + 1):
        ours, theirs = ([g for words in text for g in grams(words, n)] for text in (said, truth))
        p.append(clip(ours, theirs) / max(len(ours), 1))
    c, r = sum(map(len, said)), sum(map(len, truth))
    return min(1.0, np.exp(1 - r / c)) * np.prod(p) ** (1 / N)


def the_wrong_way_round(said, truth, N):
    return assembled(truth, said, N, clip, lambda a, b: len(a))


def one_added(said, truth, N):
    p = []
    for n in range(1, N + 1):
        pairs = [(grams(a, n), grams(b, n)) for a, b in zip(said, truth, strict=True)]
        hits, total = sum(clip(a, b) for a, b in pairs), sum(len(a) for a, _ in pairs)
        p.append((hits + 1) / (total + 1))
    c, r = sum(map(len, said)), sum(map(len, truth))
    return min(1.0, np.exp(1 - r / c)) * np.prod(p) ** (1 / N)


def negative_totals(said, truth, N):
    product = 1.0
    for n in range(1, N + 1):
        pairs = list(zip(said, truth, strict=True))
        hits = sum(clip(grams(a, n), grams(b, n)) for a, b in pairs)
        product *= hits / sum(len(a) - n + 1 for a in said)
    c, r = sum(map(len, said)), sum(map(len, truth))
    return min(1, np.exp(1 - r / c)) * product ** (1 / N)


WRONG = [
    ("16.2", framed_and_cut, "short rows are fed `end`"),
    ("16.2", end_glued_to_the_rectangle, "stands in the last column of every row"),
    ("16.2", words_alone_count, "`end` is not counted"),
    ("16.2", everything_counts, "padding is counted"),
    ("16.2", not_shifted, "fed the word that it is to say"),
    ("16.2", rolled_without_an_axis, "moves the last number of each row into the next"),
    ("16.2", filled_with_zeros, "padding is 0 here"),
    ("16.2", never_ends, "there is no `end`"),
    ("16.2", one_symbol_for_end_and_padding, "short rows are filled up with `end`"),
    ("16.4", from_an_empty_state, "first state is zeros"),
    ("16.4", words_of_the_target_alone_compared, "only the places where the target has words"),
    ("16.4", never_cut, "a row goes on after its `end`"),
    ("16.4", summary_is_the_newest_state, "the summary changes from step to step"),
    ("16.4", still_taught, "fed the target's words"),
    ("16.4", taught_and_never_cut, "still there: the decoder is fed the target's words"),
    ("16.4", all_three_faults, "what the broken function does"),
    ("16.4", words_of_the_right_answer, "share of *words*"),
    ("16.4", as_long_as_the_target, "a row ends where its target ends"),
    ("16.4", always_start, "`start` at every step"),
    ("16.5", found_anywhere, "not clipped"),
    ("16.5", sets_of_ngrams, "every kind of n-gram counts once here"),
    ("16.5", recall_of_ngrams, "which is recall"),
    ("16.5", never_brief, "the brevity penalty is missing"),
    ("16.5", sentence_by_sentence, "mean of the sentences' own scores"),
    ("16.5", in_percent, "in percent"),
    ("16.5", negative_totals, "negative"),
    ("16.5", right_in_any_sentence, "against the whole corpus"),
    ("16.5", the_wrong_way_round, "are exchanged"),
    ("16.5", one_added, "which is smoothing"),
]


@differently.by_sentence(CHECKED.values(), WRONG)
def test_a_wrong_answer_written_differently_is_named(exercise, attempt, says):
    differently.assert_told(exercise, attempt, says)


@pytest.mark.parametrize("number", ["16.1", "16.3"])
def test_a_number_that_no_list_foresaw_is_named(number):
    exercise = CHECKED[number]
    for place, name in enumerate(exercise.returns):
        parts = [np.array(part, dtype=float) for part in exercise.reference]
        parts[place] = parts[place] + 0.217
        assert mark(exercise, parts).sentence.startswith(f"{name}: ")


def test_shares_in_percent_are_named():
    exercise = CHECKED["16.3"]
    said = mark(exercise, [100 * np.array(part) for part in exercise.reference]).sentence
    assert "percent" in said


@pytest.mark.parametrize("N", [1, 2, 3, 4])
def test_the_reference_for_bleu_is_that_of_sacrebleu(N):
    rng = np.random.default_rng(16)
    judge = BLEU(max_ngram_order=N, smooth_method="none", tokenize="none")
    for case in sheet_16._corpus_cases(rng):
        said, truth, _ = case.args
        texts = [[" ".join(words) for words in text] for text in (said, truth)]
        theirs = judge.corpus_score(texts[0], [texts[1]]).score / 100
        assert sheet_16.bleu(said, truth, N) == pytest.approx(theirs, abs=1e-9)


def test_the_reference_for_decoding_is_the_packages_greedy_search():
    for case in sheet_16._decoder_cases(np.random.default_rng(17)):
        encode, step, source, target, start, end = case.args
        summary = encode(source)

        def with_summary(ids, state, step=step):
            logits, h = step(np.asarray(ids), *state)
            return logits, (h, state[1])

        first = np.full(len(source), start)
        T = target.shape[1]
        found = decoding.greedy(with_summary, (summary, summary), first, T, end=end)
        ids = found[0] if isinstance(found, tuple) else found.ids
        np.testing.assert_array_equal(sheet_16.translate(*case.args)[0], ids)


def test_exact_answers_are_the_same_with_the_teacher_and_without():
    for case in sheet_16._decoder_cases(np.random.default_rng(18)):
        exact = sheet_16.translate(*case.args)[1]
        assert exact == sheet_16._translate(*case.args, own=False)[1]
