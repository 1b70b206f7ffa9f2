"""Where the Tab key leads: through each page in the order of its text, and always to be seen."""

import pytest
from visiting import STOPS, WIDE, open_page

PHONE = {"width": 360, "height": 640}
NAME = "04_a_loop_with_a_memory"
KINDS = [
    "intro.html",
    "setup.html",
    f"chapters/{NAME}.html",
    f"exercises/solutions/{NAME}.html",
    "appendix/claims_ledger.html",
    "appendix/glossary.html",
    "appendix/bibliography.html",
    "appendix/where_to_start.html",
    "appendix/museum.html",
    "appendix/for_teachers.html",
    "slides/index.html",
    f"slides/{NAME}.html",
]
PRESSED = 25  # times Tab is pressed at the beginning of a page, and as often before its end


@pytest.fixture(params=["wide", "phone"])
def tab(browser, request):
    """A tab of either width, with nothing remembered."""
    screen = {"wide": WIDE, "phone": PHONE}[request.param]
    context = browser.new_context(viewport=screen, color_scheme="light", reduced_motion="reduce")
    yield context.new_page()
    context.close()


# What a reader does not see of the stops when they have the focus, one after the other.
UNSEEN = f"""() => {{
  {STOPS}
  const faults = [];
  const covered = (one, x, y) => {{
    return !one.contains(document.elementFromPoint(x, y));
  }};
  const ringed = one => [one, ...one.children, one.closest(".sd-card")].find(part => {{
    if (!part) return false;
    const {{outlineStyle, outlineWidth}} = getComputedStyle(part);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && part.offsetHeight !== 0;
  }});
  const clipped = one => {{  // sides of the ring that something around it cuts off
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const reach = parseFloat(style.outlineOffset) + 1;
    const ring = [box.left - reach, box.top - reach, -box.right - reach, -box.bottom - reach];
    let most = 0;
    for (let at = one.parentElement; at && at !== document.body; at = at.parentElement) {{
      if (getComputedStyle(at).overflowX === "visible") continue;
      const {{left, top, right, bottom}} = at.getBoundingClientRect();
      const sides = [left, top, -right, -bottom].filter((side, n) => side > ring[n]);
      most = Math.max(most, sides.length);
    }}
    return most;
  }};
  let above = null;
  const chosen = stops.filter((_, n) => n < 120 || n % 40 === 0 || n >= stops.length - 20);
  for (const one of chosen) {{
    one.focus();
    const ring = ringed(one);
    if (document.activeElement !== one || !ring) {{
      faults.push(`shows no ring: ${{short(one)}}`); continue;
    }}
    const boxes = [...ring.getClientRects()].filter(box => box.width > 2 && box.height > 2);
    if (!boxes.length || getComputedStyle(ring).opacity === "0") {{
      faults.push(`is not there: ${{short(one)}}`); continue;
    }}
    const [first] = boxes, last = boxes.at(-1);
    const tall = last.bottom - first.top > innerHeight - 100;  // then its middle must do
    const middle = (Math.max(first.top, 0) + Math.min(first.bottom, innerHeight)) / 2;
    if (covered(ring, (first.left + first.right) / 2, middle)
        || !tall && (last.bottom > innerHeight + 1
          || covered(ring, (first.left + first.right) / 2, first.top + 3)))
      faults.push(`is covered: ${{short(one)}}`);
    if (clipped(ring) > 1) faults.push(`has a ring that is cut off: ${{short(one)}}`);
    const within = one.closest("article");
    const place = scrollY + first.top;
    if (within && above?.within === within && place + first.height <= above.top)
      faults.push(`stands above the one before it: ${{short(one)}}`);
    above = {{within, top: place}};
  }}
  return faults;
}}"""

# Remembers the stops, so that a number tells which of them has the focus.
NUMBERED = f"() => {{ {STOPS} window.rnnStops = stops; return stops.map(short); }}"
HERE = "rnnStops.indexOf(document.activeElement)"


@pytest.mark.parametrize("path", KINDS)
def test_the_tab_key_leads_through_a_page_in_the_order_of_its_text_and_is_seen(tab, server, path):
    open_page(tab, server + path)
    stops = tab.evaluate(NUMBERED)
    assert len(stops) >= 2
    if not path.startswith("slides/"):
        assert "Skip to main content" in stops[0]
    walked = [press(tab, "Tab") for _ in stops[:PRESSED]]
    assert walked == list(range(len(walked)))
    back = walked[-4:-1][::-1]
    assert [press(tab, "Shift+Tab") for _ in back] == back
    start = max(len(stops) - PRESSED, 0)
    tab.evaluate("number => rnnStops[number].focus()", start)
    walked = [press(tab, "Tab") for _ in range(start + 1, len(stops))]
    assert walked == list(range(start + 1, len(stops)))
    assert press(tab, "Tab") in (-1, 0)  # out of the page, or at its beginning again
    assert tab.evaluate(UNSEEN) == []


def press(tab, key):
    """The number of the stop at which the focus is after a key."""
    tab.keyboard.press(key)
    return tab.evaluate(HERE)
