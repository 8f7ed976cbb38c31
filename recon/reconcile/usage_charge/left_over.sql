-- left_over: the rule of what a step leaves open: units before it, less those that it explains.
--
-- grain     side, line_no
-- reads     line
-- params    none
-- money     none: charge units
-- rule      Not a relation by itself: each relation that goes through it says what was open, and below zero what the
--           step explains of it. A step sees only what the stronger ones have left over. (Usage and charge 1, steps 4
--           and 5.)
select
    side,
    line_no,
    cast(sum(units) as decimal(18, 6)) as units
from line
group by side, line_no
having sum(units) > 0
