-- credited: how much credits took back of each charge, and how much of each credit was used for it.
--
-- grain     charge_no
-- reads     credit_linked, credit_same_day, credit_any_day
-- params    none
-- money     none: charge units
-- rule      The three turns together. What a credit has left over is a credit without a charge (SC13). (Usage and
--           charge 1, step 2.)
with pair as (
    select * from credit_linked
    union all
    select * from credit_same_day
    union all
    select * from credit_any_day
),

side as (
    select
        charge_no,
        units
    from pair
    union all
    select
        taker_no as charge_no,
        units
    from pair
)

select
    charge_no,
    cast(sum(units) as decimal(18, 6)) as units
from side
group by charge_no
