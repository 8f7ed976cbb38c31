-- charge_known: charges and credits in force, on the account that is left after merges, with the charge master's price.
--
-- grain     charge_no
-- reads     charge_latest, account_number, code_period
-- params    none
-- money     amount_per_unit: as stated, else the extended amount by the units, to six decimals; price:
--           the charge master's; unit_price: as charged, else the charge master's
-- rule      Payments, adjustments and co-payments are no charges, and what was deleted is none. A credit is a CD, or a
--           charge of a negative quantity; its price may be written below zero as well.
--           charge_no puts them in the order of their names, in which results are handed over; units are matched in the
--           order of service, then of these numbers. (Usage and charge 1, step 1.)
with in_force as (
    select *
    from charge_latest
    -- As a whole: the engine expects a fifth of the rows for each condition that it can test by itself, and would then
    -- keep every charge in memory to look up its account and its price. What is a conflict is not deleted.
    where case when is_conflict then type in ('CG', 'CD') else type in ('CG', 'CD') and status <> 'DELETED' end
),

-- Only names go through the ordering: to order whole rows takes four times as long.
numbered as (
    select
        system_id,
        txn_id,
        row_number() over (order by facility_id, system_id, txn_id) as charge_no
    from in_force
),

counted as (
    select
        latest.*,
        account_number.account_no,
        cdm.period_no,
        cdm.price,
        latest.type = 'CD' or latest.qty < 0 as is_credit,
        cast(abs(latest.qty) as decimal(18, 6)) as units,
        numbered.charge_no
    from in_force as latest
    left join account_number
        on latest.facility_id = account_number.facility_id and latest.account_key = account_number.account_key
    left join code_period as cdm
        on
            latest.facility_id = cdm.facility_id
            and latest.cdm_code = cdm.cdm_code
            and latest.service_date between cdm.from_day and cdm.to_day
    left join numbered on latest.system_id = numbered.system_id and latest.txn_id = numbered.txn_id
),

priced as (
    select
        counted.*,
        cast(
            case
                when unit_amount is not null then case when is_credit then abs(unit_amount) else unit_amount end
                when ext_amount is not null and units > 0
                    then
                        cast(
                            (
                                cast(cast(abs(ext_amount) as decimal(19, 2)) * 100 as hugeint) * 20000000000
                                + cast(cast(units as decimal(19, 6)) * 1000000 as hugeint)
                            )
                            // (2 * cast(cast(units as decimal(19, 6)) * 1000000 as hugeint)) as decimal(19, 0)
                        )
                        * cast(0.000001 as decimal(7, 6))
            end as decimal(18, 6)
        ) as amount_per_unit
    from counted
)

select
    -- Each has its number: the join is a left one so that the numbers are looked up last, after the small tables.
    cast(coalesce(charge_no, 0) as bigint) as charge_no,
    facility_id,
    system_id,
    txn_id,
    account_no,
    is_credit,
    is_conflict,
    units,
    service_at,
    service_date,
    post_date,
    cdm_code,
    ext_amount,
    amount_per_unit,
    period_no,
    price,
    cast(coalesce(amount_per_unit, price, 0) as decimal(18, 6)) as unit_price,
    dept_id,
    location_id,
    revenue_code,
    hcpcs,
    mods,
    item_id,
    lot,
    serial_key,
    order_id,
    reverses_txn_id,
    repeat_reason
from priced
