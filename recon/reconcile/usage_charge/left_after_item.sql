-- left_after_item: units of use (U) and of charges (C) that no pass up to the fourth (item) has matched.
--
-- grain     side, line_no
-- reads     left_after_lot, match_item
-- params    none
-- money     none: charge units
-- rule      A pass sees only what the stronger ones have left over. (Usage and charge 1, step 4.)
with before as (
    select
        side,
        line_no,
        units
    from left_after_lot
),

matched as (
    select
        'U' as side,
        use_no as line_no,
        sum(units) as units
    from match_item
    group by use_no
    union all
    select
        'C' as side,
        charge_no as line_no,
        sum(units) as units
    from match_item
    group by charge_no
)

select
    before.side,
    before.line_no,
    cast(before.units - coalesce(matched.units, 0) as decimal(18, 6)) as units
from before
left join matched on before.side = matched.side and before.line_no = matched.line_no
where before.units > coalesce(matched.units, 0)
