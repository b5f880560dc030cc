"""Replaying the past in batches: which events must not be handled together.

Plain arithmetic, no database.
"""


def in_layers(events):
    """Split events into layers that can each be handled in one go.

    Two events that touch the same thing stay in their order, in different layers;
    events of one layer have nothing to do with each other. An event that only needs
    a thing to be settled before it, without changing it for its equals, shares it.

    :param events: iterable of ``(event, own keys, shared keys)``, oldest first
    :return: list of lists of events, to be handled one list after the other
    """
    owned, shared, layers = {}, {}, []
    for event, own_keys, shared_keys in events:
        level = 0
        for key in own_keys:
            level = max(level, owned.get(key, -1) + 1, shared.get(key, -1) + 1)
        for key in shared_keys:
            level = max(level, owned.get(key, -1) + 1)
        for key in own_keys:
            owned[key] = level
        for key in shared_keys:
            shared[key] = max(shared.get(key, -1), level)
        if level == len(layers):
            layers.append([])
        layers[level].append(event)
    return layers
