-- credit_same_day: second turn of a credit: charges of the same account, code and day that it takes back.
--
-- grain     taker_no, charge_no
-- reads     charge_known, credit_linked
-- through   overlap
-- params    none
-- money     none: charge units
-- rule      What the link leaves of a credit, against what it leaves of the charges. How units are then taken, overlap
--           says. (Usage and charge 1, step 2.)
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
        known.service_date,
        known.units - coalesce(taken.units, 0) as units
    from charge_known as known
    left join taken on known.charge_no = taken.line_no
    where known.account_no is not null and known.units > coalesce(taken.units, 0)
),

credit_key as (
    select
        account_no,
        cdm_code,
        service_date
    from rest
    where is_credit
    group by account_no, cdm_code, service_date
)

select
    case when rest.is_credit then 'U' else 'C' end as side,
    rest.charge_no as line_no,
    rest.service_at,
    rest.account_no as key_1,
    rest.cdm_code as key_2,
    rest.service_date as key_3,
    rest.units
from rest
inner join credit_key
    on
        rest.account_no = credit_key.account_no
        and rest.cdm_code = credit_key.cdm_code
        and rest.service_date = credit_key.service_date
