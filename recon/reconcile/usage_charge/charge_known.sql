-- charge_known: charges and credits in force, on the account that is left after merges.
--
-- grain     charge_no
-- reads     charge_latest, account_number
-- params    none
-- money     amount_per_unit: as stated, else the extended amount by the units, to six decimals
-- rule      Usage and charge 1, step 1. Payments, adjustments and co-payments are no charges and what
--           was deleted is none. A credit is a CD, or a charge of a negative quantity; its price
--           may be written below zero as well. charge_no puts them in the order of service, then of their
--           names: the order in which units are matched; charge_rank in that of their names, in which
--           results are handed over.
-- Only what is put in order goes through the ordering, and its long names go through one only.
with ranked as (
    select
        system_id,
        txn_id,
        service_at,
        row_number() over (order by facility_id, system_id, txn_id) as charge_rank
    from charge_latest
    where type in ('CG', 'CD') and status <> 'DELETED'
),

numbered as (
    select
        system_id,
        txn_id,
        charge_rank,
        row_number() over (order by service_at, charge_rank) as charge_no
    from ranked
),

counted as (
    select
        latest.*,
        account_number.account_no,
        latest.type = 'CD' or latest.qty < 0 as is_credit,
        cast(abs(latest.qty) as decimal(18, 6)) as units,
        numbered.charge_no,
        numbered.charge_rank
    from charge_latest as latest
    inner join numbered on latest.system_id = numbered.system_id and latest.txn_id = numbered.txn_id
    left join account_number
        on latest.facility_id = account_number.facility_id and latest.account_key = account_number.account_key
)

select
    cast(charge_no as bigint) as charge_no,
    cast(charge_rank as bigint) as charge_rank,
    facility_id,
    system_id,
    txn_id,
    account_no,
    is_credit,
    is_conflict,
    units,
    service_date,
    post_date,
    cdm_code,
    ext_amount,
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
    ) as amount_per_unit,
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
from counted
