class ReturnLink(int):
    """Id of a line of a return, taken over from a row that has it.

    From outside only plain numbers come.
    """
