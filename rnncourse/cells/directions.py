"""Both directions at once."""

import numpy as np


def bidirectional(forward_function, x, params_forward, params_backward, **keywords):
    """Read a sequence from both ends with two cells and lay their states side by side.

    $$h_t = [\\overrightarrow{h}_t, \\overleftarrow{h}_t]$$

    Args:
        forward_function: `rnn_forward`, `lstm_forward` or `gru_forward`.
        x: input, (B, T, D).
        params_forward: weights of the cell that reads from the start.
        params_backward: weights of the cell that reads from the end.
        **keywords: those of `forward_function` but `reverse`; initial states h_0 (and c_0) are
            pairs (forward, backward) or arrays (2, B, H).

    Returns:
        (h, (final_forward, final_backward)): states (B, T, 2H), and each cell's last state: the
        forward cell's after the last token, the backward cell's after the first.

    Raises:
        ValueError: as `forward_function`, or if `reverse` is given.

    Taught in: chapters/11_deeper_and_both_ways

    Source: Schuster & Paliwal (1997); the concatenation is that of PyTorch and Keras.

    Example:
        >>> from rnncourse.cells import RNNParams, rnn_forward
        >>> params = RNNParams(np.eye(1), np.eye(1), np.zeros(1))
        >>> h, (h_T, h_1) = bidirectional(rnn_forward, np.ones((1, 3, 1)), params, params)
        >>> bool(h[0, 0, 1] == h_1[0, 0])          # the backward cell ends at the first token
        True
    """
    (h_forward, final_forward, _), (h_backward, final_backward, _) = (
        forward_function(x, params, reverse=bool(k), **of_side(k, keywords))
        for k, params in enumerate((params_forward, params_backward))
    )
    h = np.concatenate([h_forward, h_backward], axis=-1)
    return h, (final_forward, final_backward)


def of_side(k, keywords):
    """What one of two cells is called with: of each pair of initial states its own, all else.

    Args:
        k: 0 for the cell that reads from the start, 1 for the one that reads from the end.
        keywords: of `bidirectional`; h_0 and c_0 are pairs (forward, backward).

    Returns:
        A dict for the cell's `forward_function`.

    Raises:
        ValueError: if `reverse` is among them, or an initial state is no pair.

    Taught in: chapters/11_deeper_and_both_ways

    Example:
        >>> of_side(1, {"h_0": ("ours", "theirs"), "mask": None})
        {'h_0': 'theirs', 'mask': None}
    """
    if "reverse" in keywords:
        raise ValueError("reverse: expected nothing, both directions are read, got a value")
    mine = {}
    for name, value in keywords.items():
        if value is None or name not in ("h_0", "c_0"):
            mine[name] = value
            continue
        if len(value) != 2:
            raise ValueError(f"{name}: expected a pair (forward, backward), got {len(value)} items")
        mine[name] = value[k]
    return mine
