"""The planted defects of the charge side, each a function named for what went wrong.

A story writes into the chart what happened and, at once, what must be found of it: expectations are
set by hand here and never read from the engine. Each defect stands beside a case that nearly is
one. What belongs here: the order of the stories.
"""

from collections.abc import Callable

from recon.sample.care.chart import Chart
from recon.sample.care.stories import claims, devices, prices, records, stock, supplies, timing

Story = Callable[[Chart], None]

STORIES: tuple[Story, ...] = (
    *supplies.STORIES,
    *prices.STORIES,
    *devices.STORIES,
    *stock.STORIES,
    *timing.STORIES,
    *records.STORIES,
    *claims.STORIES,
    # Last, so that the stories before it keep their numbers.
    records.taken_back,
)


def tell(chart: Chart) -> None:
    """Tell every story."""
    for story in STORIES:
        chart.story = story.__name__
        story(chart)
