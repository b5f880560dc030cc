"""Arithmetic of the measures: a rate of nothing is no rate."""

# What is shown of numerator and denominator, by the unit of a measure.
FACTORS = {"percent": 100.0, "score": 100.0, "hours": 1.0}


def value_of(unit: str, numerator: float, denominator: float) -> float | None:
    """Return what a measure shows.

    :param unit: percent and score (hundredfold share), hours (mean), money and count
        (the numerator itself)
    :return: None when there is nothing to divide by
    """
    if unit not in FACTORS:
        return numerator
    if not denominator:
        return None
    return FACTORS[unit] * numerator / denominator


def satisfaction(overall: list[float]) -> float | None:
    """Return CSAT: answers of 4 or 5 out of 5, through answers, in percent."""
    return value_of("percent", sum(mark >= 4 for mark in overall), len(overall))


def recommendation(answers: list[int]) -> float | None:
    """Return NPS: share of 9 and 10 less share of 0 to 6, from -100 to 100."""
    promoters = sum(answer >= 9 for answer in answers)
    detractors = sum(answer <= 6 for answer in answers)
    return value_of("score", promoters - detractors, len(answers))


def text_of(unit: str, value: float | None) -> str:
    """Return a value for people, without the word of its unit."""
    if value is None:
        return "–"
    if unit == "percent":
        return f"{value:,.1f} %"
    if unit == "score":
        return f"{value:+,.0f}"
    if unit == "count":
        return f"{value:,.0f}"
    return f"{value:,.2f}" if unit == "money" else f"{value:,.1f}"
