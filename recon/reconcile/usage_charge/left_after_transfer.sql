-- left_after_transfer: units of use (U) and of charges (C) that no match and no wrong account explains.
--
-- grain     side, line_no
-- reads     left_after_code, hint_account
-- params    none
-- money     none: charge units
-- rule      What a repair explains is open no more. (Usage and charge 1, step 5.)
with before as (
    select
        side,
        line_no,
        units
    from left_after_code
),

matched as (
    select
        'U' as side,
        use_no as line_no,
        sum(units) as units
    from hint_account
    group by use_no
    union all
    select
        'C' as side,
        charge_no as line_no,
        sum(units) as units
    from hint_account
    group by charge_no
)

select
    before.side,
    before.line_no,
    cast(before.units - coalesce(matched.units, 0) as decimal(18, 6)) as units
from before
left join matched on before.side = matched.side and before.line_no = matched.line_no
where before.units > coalesce(matched.units, 0)
