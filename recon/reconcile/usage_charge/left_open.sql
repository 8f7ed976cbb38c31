-- left_open: units of use (U) and of charges (C) that no match and no repair explains.
--
-- grain     side, line_no
-- reads     left_after_transfer, hint_code
-- params    none
-- money     none: charge units
-- rule      What a repair explains is open no more; what is left here gets a code of its own. (Usage and charge 1,
--           steps 5 and 6.)
with before as (
    select
        side,
        line_no,
        units
    from left_after_transfer
),

matched as (
    select
        'U' as side,
        use_no as line_no,
        sum(units) as units
    from hint_code
    group by use_no
    union all
    select
        'C' as side,
        charge_no as line_no,
        sum(units) as units
    from hint_code
    group by charge_no
)

select
    before.side,
    before.line_no,
    cast(before.units - coalesce(matched.units, 0) as decimal(18, 6)) as units
from before
left join matched on before.side = matched.side and before.line_no = matched.line_no
where before.units > coalesce(matched.units, 0)
