-- credit_any_day: third turn of a credit: charges of the same account and code that it takes back, whatever the day.
--
-- grain     taker_no, charge_no
-- reads     charge_known, credit_linked, credit_same_day
-- through   overlap
-- params    none
-- money     none: charge units
-- rule      What the first two turns leave of a credit, against what they leave of the charges. How units are then
--           taken, overlap says. (Usage and charge 1, step 2.)
with taken as (
    select
        line_no,
        sum(units) as units
    from (
        select
            taker_no as line_no,
            units
        from credit_linked
        union all
        select
            charge_no as line_no,
            units
        from credit_linked
        union all
        select
            taker_no as line_no,
            units
        from credit_same_day
        union all
        select
            charge_no as line_no,
            units
        from credit_same_day
    ) as pair
    group by line_no
),

rest as (
    select
        known.charge_no,
        known.is_credit,
        known.service_at,
        known.account_no,
        known.cdm_code,
        known.units - coalesce(taken.units, 0) as units
    from charge_known as known
    left join taken on known.charge_no = taken.line_no
    where known.account_no is not null and known.units > coalesce(taken.units, 0)
),

credit_key as (
    select
        account_no,
        cdm_code
    from rest
    where is_credit
    group by account_no, cdm_code
)

select
    case when rest.is_credit then 'U' else 'C' end as side,
    rest.charge_no as line_no,
    rest.service_at,
    rest.account_no as key_1,
    rest.cdm_code as key_2,
    0 as key_3,
    rest.units
from rest
inner join credit_key
    on
        rest.account_no = credit_key.account_no
        and rest.cdm_code = credit_key.cdm_code
