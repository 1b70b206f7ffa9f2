"""Walk any nest of named tuples, dicts, lists and tuples of arrays, and build it again."""


def leaves(tree, name=""):
    """List (name, array) of every array in the nest; None is no array.

    Example:
        >>> [name for name, _ in leaves({"W": [1.0, 2.0], "b": 3.0, "peepholes": None})]
        ['W.0', 'W.1', 'b']
    """
    if tree is None:
        return []
    if not isinstance(tree, dict | list | tuple):
        return [(name, tree)]
    return [
        leaf
        for key, branch in _branches(tree)
        for leaf in leaves(branch, f"{name}.{key}" if name else str(key))
    ]


def rebuild(tree, arrays):
    """Put other arrays, in the order of `leaves`, into a new nest of the same types.

    Example:
        >>> rebuild({"W": [1.0, 2.0], "b": None}, [5, 6])
        {'W': [5, 6], 'b': None}
    """
    return _rebuild(tree, iter(arrays))


def _rebuild(tree, arrays):
    if tree is None:
        return None
    if not isinstance(tree, dict | list | tuple):
        return next(arrays)
    built = {key: _rebuild(branch, arrays) for key, branch in _branches(tree)}
    if isinstance(tree, dict):
        return built
    return type(tree)(*built.values()) if hasattr(tree, "_fields") else type(tree)(built.values())


def _branches(tree):
    if isinstance(tree, dict):
        return tree.items()
    return tree._asdict().items() if hasattr(tree, "_fields") else enumerate(tree)
