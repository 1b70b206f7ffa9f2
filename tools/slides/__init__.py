"""Decks of slides: one for each chapter that has a lesson in teaching/.

`teaching.load` says what is on each slide; here it is laid out on a sheet of 1280 by 720 pixels and
written as a page that reveal.js shows. Layers, the lower first: `maths`, `words` and `code` turn
text into HTML, `numbers` writes what was measured, `sizes` finds the largest type and figure that
fit, `kinds` lays out a slide, `deck` writes a deck, `shelf` all of them with what they need,
`printing` the PDFs.
"""
