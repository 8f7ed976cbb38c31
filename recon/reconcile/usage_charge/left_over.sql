-- left_over: the rule of what a step leaves open: units before it, less those that it explains.
--
-- grain     side, line_no
-- reads     line
-- params    none
-- money     none: charge units
-- rule      Not a relation by itself: each relation that goes through it says what was open (is_before), and what the
--           step explains of it. A step sees only what the stronger ones have left over. (Usage and charge 1, steps 4
--           and 5.)
with explained as (
    select
        side,
        line_no,
        sum(units) as units
    from line
    where not is_before
    group by side, line_no
)

-- What was open is not added up with the rest: it is all records, and few are explained by a step.
select
    line.side,
    line.line_no,
    cast(line.units - coalesce(explained.units, 0) as decimal(18, 6)) as units
from line
left join explained on line.side = explained.side and line.line_no = explained.line_no
where line.is_before and line.units > coalesce(explained.units, 0)
