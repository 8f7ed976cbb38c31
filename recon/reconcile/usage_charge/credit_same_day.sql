-- credit_same_day: second turn of a credit: charges of the same account, code and day that it takes back.
--
-- grain     credit_no, charge_no
-- reads     charge_known, credit_linked
-- params    none
-- money     none: charge units
-- rule      What the link leaves of a credit, against what it leaves of the charges. Both are laid end to end in the
--           order of service; what overlaps is taken back. (Usage and charge 1, step 2.)
with credit_side as (
    select
        known.charge_no as credit_no,
        known.service_at,
        known.account_no,
        known.cdm_code,
        known.service_date,
        known.units - coalesce(taken.units, 0) as units
    from charge_known as known
    left join (
        select
            credit_no,
            sum(units) as units
        from credit_linked
        group by credit_no
    ) as taken on known.charge_no = taken.credit_no
    where
        known.is_credit
        and known.account_no is not null
        and known.units > coalesce(taken.units, 0)
),

credit_key as (
    select
        account_no,
        cdm_code,
        service_date,
        count(*) as lines,
        min(credit_no) as credit_no,
        min(units) as units
    from credit_side
    group by account_no, cdm_code, service_date
),

charge_side as (
    select
        known.charge_no,
        known.service_at,
        known.account_no,
        known.cdm_code,
        known.service_date,
        known.units - coalesce(taken.units, 0) as units
    from charge_known as known
    inner join credit_key
        on
            known.account_no = credit_key.account_no
            and known.cdm_code = credit_key.cdm_code
            and known.service_date = credit_key.service_date
    left join (
        select
            charge_no,
            sum(units) as units
        from credit_linked
        group by charge_no
    ) as taken on known.charge_no = taken.charge_no
    where
        not known.is_credit
        and known.account_no is not null
        and known.units > coalesce(taken.units, 0)
),

charge_key as (
    select
        account_no,
        cdm_code,
        service_date,
        count(*) as lines,
        min(charge_no) as charge_no,
        min(units) as units
    from charge_side
    group by account_no, cdm_code, service_date
),

-- Most keys hold one record of each kind: these need no order.
shared as (
    select
        credit_key.account_no,
        credit_key.cdm_code,
        credit_key.service_date,
        credit_key.credit_no,
        charge_key.charge_no,
        least(credit_key.units, charge_key.units) as units,
        credit_key.lines = 1 and charge_key.lines = 1 as is_single
    from credit_key
    inner join charge_key
        on
            credit_key.account_no = charge_key.account_no
            and credit_key.cdm_code = charge_key.cdm_code
            and credit_key.service_date = charge_key.service_date
),

credit_axis as (
    select
        credit_side.*,
        sum(credit_side.units) over (
            partition by credit_side.account_no, credit_side.cdm_code, credit_side.service_date
            order by credit_side.service_at, credit_side.credit_no
            rows between unbounded preceding and current row
        ) as hi
    from credit_side
    inner join shared
        on
            credit_side.account_no = shared.account_no
            and credit_side.cdm_code = shared.cdm_code
            and credit_side.service_date = shared.service_date
    where not shared.is_single
),

charge_axis as (
    select
        charge_side.*,
        sum(charge_side.units) over (
            partition by charge_side.account_no, charge_side.cdm_code, charge_side.service_date
            order by charge_side.service_at, charge_side.charge_no
            rows between unbounded preceding and current row
        ) as hi
    from charge_side
    inner join shared
        on
            charge_side.account_no = shared.account_no
            and charge_side.cdm_code = shared.cdm_code
            and charge_side.service_date = shared.service_date
    where not shared.is_single
)

select
    credit_no,
    charge_no,
    cast(units as decimal(18, 6)) as units
from shared
where is_single
union all
select
    credit_axis.credit_no,
    charge_axis.charge_no,
    cast(
        least(credit_axis.hi, charge_axis.hi)
        - greatest(credit_axis.hi - credit_axis.units, charge_axis.hi - charge_axis.units) as decimal(18, 6)
    ) as units
from credit_axis
inner join charge_axis
    on
        credit_axis.account_no = charge_axis.account_no
        and credit_axis.cdm_code = charge_axis.cdm_code
        and credit_axis.service_date = charge_axis.service_date
        and credit_axis.hi - credit_axis.units < charge_axis.hi
        and charge_axis.hi - charge_axis.units < credit_axis.hi
