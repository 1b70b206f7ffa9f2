"""Answer sheet of chapter 23, What a good score hides."""

import itertools

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 23.1 What a gap looks like from inside -----------------------------------------------------

GAP = np.nan
READINGS = np.array([GAP, GAP, 140.0, 131.0, GAP, GAP, GAP, 95.0, 99.0, GAP])
START = 120.0
SEEN = ~np.isnan(READINGS)


def _last_seen(x=READINGS, start=START):
    """The last reading up to each step, `start` before the first."""
    out, last = [], start
    for value in x:
        last = last if np.isnan(value) else value
        out.append(last)
    return np.array(out)


def _since(seen=SEEN, first=1, reset=0):
    """Steps since the last reading; before the first they count from `first`."""
    out, age = [], first - 1
    for here in seen:
        age = reset if here else age + 1
        out.append(age)
    return np.array(out, dtype=float)


FILLED, MASK, SINCE = _last_seen(), SEEN.astype(float), _since()


def _backwards(x, otherwise):
    """The next reading, which lies in the future; `otherwise` after the last."""
    return _last_seen(x[::-1], otherwise)[::-1]


def _line():
    """Straight lines between the readings."""
    steps = np.arange(len(READINGS))
    return np.interp(steps, steps[SEEN], READINGS[SEEN])


def _where_missing(values):
    return np.where(SEEN, READINGS, values)


def _late_reset():
    """Back to 0 one step after the reading."""
    out, age = [], 0
    for t in range(len(SEEN)):
        age = 0 if t and SEEN[t - 1] else age + 1
        out.append(age)
    return np.array(out, dtype=float)


_OF_FILLED = {
    "filled from the future": (
        "a gap is filled with the *next* reading, which nobody had yet; the last one stands in",
        _backwards(READINGS, 99.0),
    ),
    "from the future, and start at the end": (
        "gaps are filled with the next reading, and `start` stands at the end; look backwards, "
        "not ahead",
        _backwards(READINGS, START),
    ),
    "straight lines": (
        "a straight line between two readings knows the second one, which lies in the future",
        _line(),
    ),
    "straight lines after the start": (
        "a straight line between two readings knows the second one, which lies in the future",
        np.where(np.arange(10) < 2, START, _line()),
    ),
    "start in every gap": (
        "`start` stands in every gap; once there has been a reading, the last one does",
        _where_missing(START),
    ),
    "the mean of the readings": (
        "the mean of the row stands in the gaps: it knows all of it, the future too, and forgets "
        "the last reading",
        _where_missing(float(np.nanmean(READINGS))),
    ),
    "first reading in front": (
        "before the first reading there is nothing but `start`; the first reading lies in the "
        "future there",
        _last_seen(start=140.0),
    ),
    "zero in front": (
        "before the first reading stands `start`, not 0: a glucose of 0 says something, and it is "
        "not true",
        _last_seen(start=0.0),
    ),
    "zero in every gap": (
        "0 stands in every gap: a glucose of 0 says something, and it is not true",
        _where_missing(0.0),
    ),
    "one step late": (
        "this is one step late: where there is a reading, it stands there itself",
        np.append(START, FILLED[:-1]),
    ),
}  # fmt: skip
_OF_MASK = {
    "turned over": (
        "it is turned over: 1 is where a reading *is*",
        1 - MASK,
    ),
    "after filling": (
        "this is the mask of the filled row, which has no gaps; take it before filling",
        np.ones(10),
    ),
    "filled ones counted": (
        "a step counts as read as soon as a reading stands in it, filled or not; 1 is where one "
        "was made",
        (np.arange(10) >= 2).astype(float),
    ),
    "one step later": (
        "it is one step late",
        np.append(0.0, MASK[:-1]),
    ),
}
_OF_SINCE = {
    "since the reading before": (
        "this counts from the last reading *before* each step, as the paper on GRU-D does, so "
        "that it is never 0; here a reading made now is 0 steps old",
        np.append(1.0, SINCE[:-1] + 1),
    ),
    "one more everywhere": (
        "every number is one too large: a reading made now is 0 steps old, and before the first "
        "one the count begins with 1",
        SINCE + 1,
    ),
    "reset one step late": (
        "it falls back to 0 one step late: at the reading itself, not after it",
        _late_reset(),
    ),
    "reset to one": (
        "a reading made now is 0 steps old, not 1, and the next step 1",
        _since(reset=1),
    ),
    "never reset": (
        "it never falls back: it counts from the last reading, not from the beginning",
        np.arange(1.0, 11.0),
    ),
    "to the next reading": (
        "these are the steps to the *next* reading, which nobody knows yet",
        _since(SEEN[::-1])[::-1],
    ),
    "the first gap begins at zero": (
        "before the first reading it counts up from 1: at step 0 one step has passed without a "
        "reading",
        _since(first=0),
    ),
    "nothing before the first reading": (
        "before the first reading it counts up as well, from 1",
        np.where(np.arange(10) < 2, 0.0, SINCE),
    ),
    "missing or not": (
        "this says *that* a reading is missing; for how long was asked",
        1 - MASK,
    ),
    "all gaps together": (
        "this adds up all steps without a reading; each gap begins anew",
        np.cumsum(1 - MASK),
    ),
    "all gaps together, zero at a reading": (
        "this adds up all gaps so far; each gap begins anew with 1",
        np.cumsum(1 - MASK) * (1 - MASK),
    ),
    "in minutes": (
        "these are minutes; steps were asked",
        5 * SINCE,
    ),
}
PARTS = {
    "filled": (FILLED, _OF_FILLED),
    "mask": (MASK, _OF_MASK),
    "since": (SINCE, _OF_SINCE),
}
RIGHT = tuple(right for right, _ in PARTS.values())
# in words, as 0 is an answer, too
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _gap_judge(answer, rng):
    """The first of the three rows that is wrong, and why; or the first step that is."""
    for (name, (right, known)), part in zip(PARTS.items(), answer, strict=True):
        row = np.asarray(part).ravel()
        if np.allclose(row, right, rtol=0, atol=0.02):
            continue
        for says, wrong in known.values():
            if np.allclose(row, wrong, rtol=0, atol=0.02):
                return f"{name}: {says}"
        t = int(np.argmax(np.abs(row - right) > 0.02))
        return f"{name}: at step {WORDS[t]} yours is {np.round(row[t], 3)}, which is not right"
    return None


def _with_row(place, row):
    return (*RIGHT[:place], row, *RIGHT[place + 1 :])


_trace = Exercise(
    id="23.1",
    title="What a gap looks like from inside",
    stars=1,
    minutes=12,
    deepens='the claim "where all are measured alike, '
    'knowing when changes it by under three points"',
    statement="Write down by hand what a network is shown where readings are missing: the last "
    "value, the mask, and the time since.",
    kind="value",
    reference=RIGHT,
    alternatives=(
        [list(row) for row in RIGHT],
        (FILLED, SEEN, SINCE.astype(int)),
        np.array(RIGHT)[:, None],
    ),
    returns=tuple(f"{name} (10,)" for name in PARTS),
    judge=_gap_judge,
    praise="all three could have been written down at the time, and the last two tell the network "
    "how far to trust the first",
    misconceptions=tuple(
        Misconception(f"{name}: {label}", f"{name}: {says}", _with_row(place, row))
        for place, (name, (_, known)) in enumerate(PARTS.items())
        for label, (says, row) in known.items()
    ),
    hints=(
        "Put a finger on a step and cover everything to the right of it: only what is left of the "
        "finger may be used.",
        "filled: the reading under the finger, or else the one before it, or else `start`. mask: 1 "
        "if there is one under the finger.",
        "since: how many steps the finger has to go back to a reading, 0 if it stands on one; "
        "before the first reading imagine one in front of the row.",
    ),
)

# --- 23.2 Alarms are not steps ------------------------------------------------------------------


def judge_alarms(lows, alarms, ahead, days):
    """Share of events caught, false alarms a day, and the mean lead of what was caught."""
    events, alarms = np.asarray(lows), np.asarray(alarms)
    mine = _belongs(events, alarms, ahead)
    caught = mine.any(axis=1)
    first = np.array([alarms[row][0] for row in mine[caught]])
    lead = np.mean(events[caught, 0] - first)
    return caught.mean(), np.sum(~mine.any(axis=0)) / days, lead


def _belongs(events, alarms, ahead, late=True, edge=0):
    """bool (n, k): whether an alarm sounds within `ahead` steps before an event, or in it."""
    start, stop = events.T[:, :, None]
    return (alarms >= start - ahead) & (alarms < (stop + edge if late else start))


def _judged_by_sets(events, alarms, ahead, days):
    """The same with loops and sets."""
    leads, useful = [], set()
    for start, stop in events:
        own = [int(a) for a in alarms if start - ahead <= a < stop]
        useful |= set(own)
        leads += [start - min(own)] if own else []
    false = len(set(map(int, alarms)) - useful)
    return len(leads) / len(events), false / days, sum(leads) / len(leads)


def _judged_by_search(events, alarms, ahead, days):
    """The same with a search in the sorted alarms."""
    events, alarms = np.asarray(events), np.asarray(alarms)
    low = np.searchsorted(alarms, events[:, 0] - ahead)
    high = np.searchsorted(alarms, events[:, 1])
    caught, free = high > low, np.ones(len(alarms), dtype=bool)
    for a, b in zip(low, high, strict=True):
        free[a:b] = False
    return [caught.mean(), free.sum() / days, (events[caught, 0] - alarms[low[caught]]).mean()]


def _other(place, number):
    """A wrong answer that is right but for one of the three numbers."""

    def attempt(events, alarms, ahead, days):
        events, alarms = np.asarray(events), np.asarray(alarms)
        parts = list(judge_alarms(events, alarms, ahead, days))
        parts[place] = number(events, alarms, ahead, days)
        return tuple(parts)

    return attempt


def _first_bond(mine):
    """An alarm belongs to the first of its events alone."""
    return mine & (mine.cumsum(axis=0) == 1)


def _last_bond(mine):
    """An alarm belongs to the last of its events alone."""
    return _first_bond(mine[::-1])[::-1]


def _another_bond(**switches):
    """A wrong answer in which alarms belong to events in another way."""

    def attempt(events, alarms, ahead, days):
        events, alarms = np.asarray(events), np.asarray(alarms)
        mine = _belongs(events, alarms, switches.get("ahead", ahead), switches.get("late", True),
                        switches.get("edge", 0))  # fmt: skip
        mine = switches.get("only", lambda mine: mine)(mine)
        caught = mine.any(axis=1)
        leads = [start - alarms[row][0] for (start, _), row in zip(events, mine, strict=True)
                 if row.any()]  # fmt: skip
        false = np.sum(~mine.any(axis=0)) / days
        return caught.mean(), false, np.mean(leads) if leads else 0.0

    return attempt


def _steps_hit(events, alarms, ahead, days):
    """Share of the events' steps at which an alarm sounds."""
    return sum(np.isin(np.arange(a, b), alarms).sum() for a, b in events) / _steps(events)


def _steps(events):
    return np.sum(events[:, 1] - events[:, 0])


def _adjusted(events, alarms, ahead, days):
    """Share of the events' steps after point adjustment."""
    caught = _belongs(events, alarms, ahead).any(axis=1)
    return np.sum((events[:, 1] - events[:, 0])[caught]) / _steps(events)


def _leads(pick, everyone=False):
    """Mean over the events of what `pick` makes of the start and the event's own alarms."""

    def number(events, alarms, ahead, days):
        mine = _belongs(events, alarms, ahead)
        leads = [pick(start, stop, alarms[row]) for (start, stop), row
                 in zip(events, mine, strict=True) if row.any()]  # fmt: skip
        return np.sum(leads) / (len(events) if everyone else len(leads))

    return number


def _alarm_case(rng, n, ahead, kinds, label, false=4):
    """Events far apart; `kinds` says what each gets: (e)arly, (l)ate, (b)oth, (m)issed."""
    events, alarms, t = [], [], 40
    for i in range(n):
        start, length = t + int(rng.integers(0, 9)), int(rng.integers(5, 30)) + 3 * i
        kind = kinds[i % len(kinds)]
        if kind in "eb":
            alarms.append(start - int(rng.integers(ahead // 2, ahead + 1)))
        if kind == "b":
            alarms += [start - int(rng.integers(1, ahead // 3)), start, start + 2]
        if kind == "l":
            alarms.append(start + int(rng.integers(1, 4)))
        if kind == "m":  # the first step behind the event, and one step too early
            alarms += [start - ahead - 1, start + length]
        events.append((start, start + length))
        t = start + length + ahead + 60
    quiet = [t + 7 * k for k in range(false)]
    days = (t + 7 * false + 30) / 288
    return Case(label, (np.array(events), np.unique(alarms + quiet), ahead, days))


def _close_case(rng, label):
    """An alarm late in one event is early for the next, two more events far away."""
    start, gap = 60 + int(rng.integers(0, 9)), int(rng.integers(3, 6))
    events = np.array([(0, 20), (20 + gap, 45), (140, 150), (200, 230)]) + start
    return Case(label, (events, start + np.array([-30, 17, 139, 160, 290]), 12, 1.5))


def _alarm_cases(rng):
    return [
        _alarm_case(rng, 7, 12, "bmleb", "7 events, 12 steps ahead"),
        _alarm_case(rng, 5, 6, "ebmbl", "5 events, 6 steps ahead"),
        _alarm_case(rng, 4, 20, "blbm", "4 events, 20 steps ahead"),
        _alarm_case(rng, 1, 9, "e", "one event, one alarm", false=0),
        _alarm_case(rng, 2, 8, "lm", "two events, caught late and missed", false=2),
        _close_case(rng, "an alarm late in one event and early for the next"),
    ]


_implement = Exercise(
    id="23.2",
    title="Alarms are not steps",
    stars=2,
    minutes=25,
    deepens="the claim \"the LSTM's alarm comes no more than "
    "three minutes earlier than AR(24)'s\"",
    statement="Judge an alarm by events: the share that it caught, its false alarms a day, and how "
    "early it came.",
    reference=judge_alarms,
    alternatives=(_judged_by_sets, _judged_by_search),
    inputs=_alarm_cases,
    returns=("caught", "false_per_day", "lead"),
    praise="three numbers that somebody who is woken by it would ask for",
    misconceptions=(
        Misconception(
            "steps for events",
            "caught: this is the share of the events' *steps* at which an alarm sounds; an event "
            "is caught by a single alarm",
            _other(0, _steps_hit),
        ),
        Misconception(
            "point adjustment",
            "caught: here every step of an event counts as soon as one of them is found: long "
            "events weigh more than short ones; count events",
            _other(0, _adjusted),
        ),
        Misconception(
            "alarms for events",
            "caught: this is the number of alarms that belong to an event, divided by the events; "
            "an event is caught once, however often it rings",
            _other(0, lambda events, alarms, ahead, days: _belongs(events, alarms, ahead).sum()
                   / len(events)),
        ),
        Misconception(
            "precision for recall",
            "caught: this is the share of *alarms* that belong to an event; the share of events "
            "that have an alarm was asked",
            _other(0, lambda events, alarms, ahead, days: _belongs(events, alarms, ahead)
                   .any(axis=0).mean()),
        ),
        Misconception(
            "share missed",
            "caught: this is the share that was *missed*",
            _other(0, lambda events, alarms, ahead, days: 1 - _belongs(events, alarms, ahead)
                   .any(axis=1).mean()),
        ),
        Misconception(
            "a number for a share",
            "caught: this is how many; divide by the number of events",
            _other(0, lambda events, alarms, ahead, days: _belongs(events, alarms, ahead)
                   .any(axis=1).sum()),
        ),
        Misconception(
            "only early alarms",
            "an alarm *during* an event does not count here: it comes late, but it belongs to the "
            "event, catches it, and is not false",
            _another_bond(late=False),
        ),
        Misconception(
            "nothing ahead",
            "an alarm before the event does not count here: within `ahead` steps before its start "
            "it is what one hopes for",
            _another_bond(ahead=0),
        ),
        Misconception(
            "the step behind the event",
            "`stop` is the first step *behind* the event: an alarm there belongs to it no more",
            _another_bond(edge=1),
        ),
        Misconception(
            "any alarm before",
            "an alarm long before the event counts here, too: it belongs to it from `ahead` steps "
            "before its start on",
            _another_bond(ahead=10**6),
        ),
        Misconception(
            "the first event alone",
            "an alarm that comes late in one event and early before the next belongs to both; here "
            "the first of the two has it alone",
            _another_bond(only=_first_bond),
        ),
        Misconception(
            "the next event alone",
            "an alarm that comes late in one event and early before the next belongs to both; here "
            "the second of the two has it alone",
            _another_bond(only=_last_bond),
        ),
        Misconception(
            "taken off twice",
            "false_per_day: an alarm that belongs to two events is taken off twice; count the "
            "alarms that belong to none",
            _other(1, lambda events, alarms, ahead, days: (
                len(alarms) - _belongs(events, alarms, ahead).sum()) / days),
        ),
        Misconception(
            "alarms in an event are false",
            "false_per_day: an alarm during an event is counted as false; it is late, or the "
            "second one, but it is true",
            _other(1, lambda events, alarms, ahead, days: np.sum(
                ~_belongs(events, alarms, ahead, late=False).any(axis=0)) / days),
        ),
        Misconception(
            "early alarms are false",
            "false_per_day: an alarm that comes before its event is counted as false",
            _other(1, lambda events, alarms, ahead, days: np.sum(
                ~_belongs(events, alarms, 0).any(axis=0)) / days),
        ),
        Misconception(
            "all but one of an event are false",
            "false_per_day: the second and third alarm of an event are counted as false; none of "
            "them is, though they add nothing",
            _other(1, lambda events, alarms, ahead, days: (len(alarms) - np.sum(
                _belongs(events, alarms, ahead).any(axis=1))) / days),
        ),
        Misconception(
            "false for each event",
            "false_per_day: an alarm is counted once for every event that it does *not* belong to; "
            "it is false if it belongs to none",
            _other(1, lambda events, alarms, ahead, days: np.sum(
                ~_belongs(events, alarms, ahead)) / days),
        ),
        Misconception(
            "not per day",
            "false_per_day: this is how many there are; divide by `days`",
            _other(1, lambda events, alarms, ahead, days: np.sum(
                ~_belongs(events, alarms, ahead).any(axis=0))),
        ),
        Misconception(
            "all alarms",
            "false_per_day: these are all alarms a day, true ones included",
            _other(1, lambda events, alarms, ahead, days: len(alarms) / days),
        ),
        Misconception(
            "share of false alarms",
            "false_per_day: this is the share of alarms that are false; how many there are in a "
            "day was asked",
            _other(1, lambda events, alarms, ahead, days: np.mean(
                ~_belongs(events, alarms, ahead).any(axis=0))),
        ),
        Misconception(
            "lead turned over",
            "lead: the sign is turned: an alarm that comes *before* the event has a positive lead",
            _other(2, _leads(lambda start, stop, own: own[0] - start)),
        ),
        Misconception(
            "lead in minutes",
            "lead: these are minutes; steps were asked",
            _other(2, _leads(lambda start, stop, own: 5 * (start - own[0]))),
        ),
        Misconception(
            "the last alarm",
            "lead: this takes the last alarm of each event; the first one wakes",
            _other(2, _leads(lambda start, stop, own: start - own[-1])),
        ),
        Misconception(
            "the mean of its alarms",
            "lead: this is the mean over an event's alarms; the first one wakes",
            _other(2, _leads(lambda start, stop, own: start - own.mean())),
        ),
        Misconception(
            "every alarm counted",
            "lead: the mean is over all alarms here; take the first of each event, and then the "
            "mean over events",
            _other(2, lambda events, alarms, ahead, days: np.mean([
                start - a for (start, stop) in events for a in alarms if start - ahead <= a < stop
            ])),
        ),
        Misconception(
            "to the end of the event",
            "lead: this is measured to the event's end; its start is what one wants to be ahead of",
            _other(2, _leads(lambda start, stop, own: stop - own[0])),
        ),
        Misconception(
            "a miss as lead 0",
            "lead: missed events are in the mean as zeros; the mean is over those that were caught",
            _other(2, _leads(lambda start, stop, own: start - own[0], everyone=True)),
        ),
        Misconception(
            "late is zero",
            "lead: late alarms count as 0 here; one that comes two steps after the start has lead "
            "-2",
            _other(2, _leads(lambda start, stop, own: max(start - own[0], 0))),
        ),
        Misconception(
            "early ones alone",
            "lead: the mean is over events that were seen early; a late one was caught too, and "
            "its lead is negative",
            _other(2, lambda events, alarms, ahead, days: np.mean([
                start - own[0] for start, _ in events
                if len(own := alarms[(alarms >= start - ahead) & (alarms <= start)])
            ] or [0.0])),
        ),
        Misconception(
            "the time of the alarm",
            "lead: this is the step at which it rings; how many steps before the start was asked",
            _other(2, _leads(lambda start, stop, own: own[0])),
        ),
    ),
    hints=(
        "An alarm belongs to an event if start - ahead <= alarm < stop. Collect, for each event, "
        "its own alarms.",
        "Caught is an event that has one at all. False is an alarm that is in no event's "
        "collection, however often it was asked for.",
        "lead: start - own[0] for every event that has one; positive before the start, negative "
        "after it.",
    ),
)  # fmt: skip

# --- 23.3 The detector that noise wins with -----------------------------------------------------

DAY = 288  # steps of five minutes


def runs(mask):
    """Start and stop of each stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(mask).astype(int), [0]])))
    return edges.reshape(-1, 2)


def report(validation, test, per_day):
    """The threshold, the share of the test's faults found, and its false alarms a day."""
    return _report(validation, test, per_day)


def _report(
    validation, test, per_day, *, honest=True, healthy=True, events=True,
    share="events", allowed=lambda per_day, steps: int(per_day * steps / DAY),
    rate=lambda alarm, fault, steps: np.sum(alarm & ~fault) / steps * DAY, shift=0,
):  # fmt: skip
    """The mended function, with a switch for each fault and for what people confuse."""
    scores, fault = validation if honest else test
    asked = scores[~fault] if healthy else scores
    k = allowed(per_day, len(scores)) + shift
    threshold = np.sort(asked)[::-1][max(k, 0)]
    scores, fault = test
    alarm = scores > threshold
    hit = [alarm[a:b].any() for a, b in runs(fault)]
    found = {
        "events": np.mean(hit),
        "adjusted": np.repeat(hit, np.diff(runs(fault), axis=1)[:, 0]).mean(),
        "steps": alarm[fault].mean(),
        "precision": np.mean(fault[alarm]) if alarm.any() else 0.0,
    }[share if events else "adjusted"]
    return threshold, found, rate(alarm, fault, len(scores))


def _report_by_search(validation, test, per_day):
    """The same: try every threshold from above, and count."""
    scores, fault = validation
    best = np.inf
    for threshold in sorted(scores[~fault], reverse=True):
        if np.sum(scores[~fault] > threshold) > per_day * len(scores) / DAY:
            break
        best = threshold
    scores, fault = test
    alarm, n, found, waiting = scores > best, 0, 0, False
    for t, here in enumerate(fault):
        if here and (t == 0 or not fault[t - 1]):
            n, waiting = n + 1, True
        if here and alarm[t] and waiting:
            found, waiting = found + 1, False
    return [best, found / n, sum(alarm[~fault]) / (len(fault) / DAY)]


REPORT_SLIPS = {
    "honest": "the threshold is chosen on the test part, where one does not know the answers yet: "
    "choose it on the validation part",
    "healthy": "the budget is for *false* alarms, and steps inside a fault use it up here: count "
    "those outside alone",
    "events": "a fault counts with all its steps as soon as one of them is found: long faults "
    "then carry the score, and even noise finds them; each fault counts once",
}


def _report_slips():
    """A misconception for each set of slips that may be left."""
    for count in (1, 2, 3):
        for names in itertools.combinations(REPORT_SLIPS, count):
            says = "still there: " + "; ".join(REPORT_SLIPS[name] for name in names)
            if count == 3:
                says = (
                    "this still does what the broken function does; begin here: "
                    f"{REPORT_SLIPS['honest']}"
                )
            wrong = dict.fromkeys(names, False)
            yield Misconception(
                " and ".join(names), says, lambda *args, wrong=wrong: _report(*args, **wrong)
            )


def _scores(rng, days, lengths):
    """A detector that is good, but not very good, and faults of these lengths."""
    n = int(days * DAY)
    fault, t = np.zeros(n, dtype=bool), 5
    room = (n - 10 - sum(lengths)) // len(lengths)
    for length in rng.permutation(lengths):
        t += int(rng.integers(2, room))
        fault[t : t + length] = True
        t += length
    scores = rng.normal(size=n) + fault * rng.uniform(0.5, 1.5, n)
    # by construction: two short faults are found, by one step each, and the longest one is not
    stretches = sorted(runs(fault).tolist(), key=lambda run: run[1] - run[0])
    for a, _ in stretches[:2]:
        scores[a] = rng.uniform(6.0, 7.0)
    a, b = stretches[-1]
    scores[a:b] = np.minimum(scores[a:b], rng.uniform(0.0, 0.4, b - a))
    return scores, fault


def _report_case(rng, days, lengths, per_day, label):
    """`days` and `lengths` for validation and test."""
    validation, test = (_scores(rng, *both) for both in zip(days, lengths, strict=True))
    threshold, scores, fault = report(validation, test, per_day)[0], *test
    scores[0], scores[fault] = threshold, np.where(scores[fault] == threshold, 0, scores[fault])
    return Case(label, (validation, test, per_day))  # one step of the test part lies exactly on it


def _report_cases(rng):
    return [
        _report_case(rng, (6, 4), ((3, 40, 12, 25), (4, 60, 9, 30, 6)), 3.3,
                     "6 and 4 days, 3.3 false alarms a day"),
        _report_case(rng, (3, 7), ((5, 30, 20), (8, 3, 90, 14)), 1.6,
                     "3 and 7 days, 1.6 false alarms a day"),
        _report_case(rng, (5, 5), ((6, 18, 9), (7, 22, 3)), 6.0,
                     "5 and 5 days, 6 false alarms a day"),
        _report_case(rng, (2.5, 3), ((6, 18, 9), (7, 22, 3)), 0.0, "no false alarm allowed"),
    ]  # fmt: skip


def _reported(**switches):
    return lambda *args: _report(*args, **switches)


def _with_budget(steps):
    """A wrong answer that counts the days of the budget in another way."""

    def attempt(validation, test, per_day):
        allowed = int(per_day * steps(validation, test) / DAY)
        return _report(validation, test, per_day, allowed=lambda *_: allowed)

    return attempt


_repair = Exercise(
    id="23.3",
    title="The detector that noise wins with",
    stars=2,
    minutes=25,
    deepens='the claim "point-adjusted it is above 0.6 in stretches of a hundred steps"',
    statement="Mend three faults in a report on a detector of sensor faults, in which random "
    "numbers look like a good one.",
    reference=report,
    alternatives=(_report_by_search,),
    inputs=_report_cases,
    returns=("threshold", "found", "false_per_day"),
    praise="random numbers are random numbers again",
    misconceptions=(
        *_report_slips(),
        Misconception(
            "steps for faults",
            "found: this is the share of the faults' *steps* that are above the threshold; a fault "
            "is found by a single one",
            _reported(share="steps"),
        ),
        Misconception(
            "precision",
            "found: this is the share of alarms that are right; the share of faults that are found "
            "was asked",
            _reported(share="precision"),
        ),
        Misconception(
            "one alarm too many",
            "threshold: it is one place too low: with it one more alarm sounds than the budget "
            "allows",
            _reported(shift=1),
        ),
        Misconception(
            "one alarm too few",
            "threshold: it is one place too high: an alarm sounds *above* the threshold and not at "
            "it, so that the budget allows one more",
            _reported(shift=-1),
        ),
        Misconception(
            "a budget for all days",
            "threshold: the budget is per *day*, and the validation part has several",
            _reported(allowed=lambda per_day, steps: int(per_day)),
        ),
        Misconception(
            "a budget for the days outside faults",
            "threshold: the budget is per day of the whole part, not of the steps outside faults",
            _with_budget(lambda validation, test: np.sum(~validation[1])),
        ),
        Misconception(
            "a budget for the days of the test part",
            "threshold: the budget is for the validation part; its days count, not those of the "
            "test part",
            _with_budget(lambda validation, test: len(test[0])),
        ),
        Misconception(
            "at the threshold, too",
            "false_per_day: an alarm sounds *above* the threshold; here it sounds at it, too",
            lambda validation, test, per_day: (
                *(r := report(validation, test, per_day))[:2],
                np.sum((test[0] >= r[0]) & ~test[1]) / len(test[0]) * DAY,
            ),
        ),
        Misconception(
            "the validation part's rate",
            "false_per_day: this is the rate of the validation part, on which the threshold was "
            "chosen; the test part's was asked",
            lambda validation, test, per_day: (
                *report(validation, test, per_day)[:2],
                report(validation, validation, per_day)[2],
            ),
        ),
        Misconception(
            "a number of faults",
            "found: this is how many faults are found; their share was asked",
            lambda validation, test, per_day: (
                (r := report(validation, test, per_day))[0],
                r[1] * len(runs(test[1])),
                r[2],
            ),
        ),
        Misconception(
            "rounded up",
            "threshold: the budget is rounded up; *at most* so many are allowed",
            _reported(allowed=lambda per_day, steps: int(np.ceil(per_day * steps / DAY - 1e-9))),
        ),
        Misconception(
            "share for rate",
            "false_per_day: this is the share of steps; multiply by the steps of a day",
            _reported(rate=lambda alarm, fault, steps: np.sum(alarm & ~fault) / steps),
        ),
        Misconception(
            "a number for a rate",
            "false_per_day: this is how many there are; divide by the days of the test part",
            _reported(rate=lambda alarm, fault, steps: np.sum(alarm & ~fault)),
        ),
        Misconception(
            "true alarms counted as false",
            "false_per_day: alarms inside a fault are counted too",
            _reported(rate=lambda alarm, fault, steps: np.sum(alarm) / steps * DAY),
        ),
        Misconception(
            "per healthy day",
            "false_per_day: divided by the steps outside faults; a day is a day",
            _reported(rate=lambda alarm, fault, steps: np.mean(alarm[~fault]) * DAY),
        ),
        Misconception(
            "days of the validation part",
            "false_per_day: divided by the days of the validation part; the alarms are those of "
            "the test",
            lambda validation, test, per_day: (
                *(r := report(validation, test, per_day))[:2],
                r[2] * len(test[0]) / len(validation[0]),
            ),
        ),
    ),
    hints=(
        "Whose scores and whose faults does each line use? Only the last two results may look at "
        "the test part.",
        "The budget is for alarms outside faults: sort those scores alone, and leave as many above "
        "the threshold as the budget allows.",
        "found: for each (start, stop) of runs(fault) ask whether any alarm sounds in it, and take "
        "the mean of these answers.",
    ),
)

# --- 23.4 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="23.4",
    title="A budget that keeps its promise",
    stars=3,
    minutes=50,
    deepens='the claim "give more than two on the test part, for every score"',
    statement="A threshold chosen once for two false alarms a day does not give two a day in later "
    "weeks: let it follow, and find out what that costs.",
    kind="open",
    hints=(
        "Choose the threshold anew every midnight, from days that are over by then: of those one "
        "knows by now which alarms were false.",
        "How many days back? Few follow fast and jump about, many are steady and late. Look at the "
        "false alarms of each week, not only at their mean.",
        "Spoiler, read it after your experiment: compare at *equal* false alarms on the test part; "
        "otherwise a rule that rings more often also warns earlier.",
    ),
)

EXERCISES = (_trace, _implement, _repair, _open)
