-- finding_on_stock: stock taken for no known use, lost at a par shelf, negative, to be ordered (SI05 to SI08).
--
-- grain     finding_ref
-- reads     inventory_txn, use_latest, charged, par_issued, stock_now, reorder_proposal
-- params    $as_of  DATE, later movements are not seen
-- money     SI06: units that were not charged at the price on the business date, of several items of one
--           code the lowest
-- rule      SI05: what was taken for no known use, less what was put back for it since, as for a known one (SI04).
--           SI06: what was issued onto a par shelf for no one use, in charge units, less what was charged there since
--           the first issue: a charge lost. SI07: a place below zero. SI08: a place to be filled up. (Usage and charge
--           1, step 7; 6, lost charge.)
with known as (
    select
        txn.facility_id,
        txn.usage_id
    from inventory_txn as txn
    inner join use_latest as latest on txn.facility_id = latest.facility_id and txn.usage_id = latest.usage_id
    group by txn.facility_id, txn.usage_id
),

unknown as (
    select
        txn.facility_id,
        txn.txn_id,
        txn.location_id,
        txn.item_id,
        txn.usage_id,
        txn.txn_date,
        cast(case when txn.qty < 0 then -txn.qty else 0 end as decimal(18, 6)) as taken,
        cast(case when txn.qty > 0 then txn.qty else 0 end as decimal(18, 6)) as returned
    from inventory_txn as txn
    left join known on txn.facility_id = known.facility_id and txn.usage_id = known.usage_id
    where txn.usage_id is not null and txn.txn_date <= $as_of and known.usage_id is null
),

-- What was put back goes against what was taken first.
netted as (
    select
        unknown.*,
        sum(unknown.taken) over (
            partition by unknown.facility_id, unknown.usage_id, unknown.item_id
            order by unknown.txn_date, unknown.txn_id
            rows between unbounded preceding and current row
        ) - sum(unknown.returned) over (
            partition by unknown.facility_id, unknown.usage_id, unknown.item_id
        ) as still_taken
    from unknown
),

orphan as (
    select
        facility_id,
        txn_id,
        location_id,
        item_id,
        txn_date,
        least(taken, still_taken) as units
    from netted
    where taken > 0 and still_taken > 0
),

-- Charges of a code at a place go to the items issued there under it, in one sum.
par_code as (
    select
        facility_id,
        location_id,
        cdm_code,
        min(item_id) as item_id,
        min(since) as since,
        min(price) as price,
        cast(sum(units) as decimal(18, 6)) as units
    from par_issued
    group by facility_id, location_id, cdm_code
),

charged_there as (
    select
        par_code.facility_id,
        par_code.location_id,
        par_code.cdm_code,
        cast(sum(charged.net_units) as decimal(18, 6)) as units
    from par_code
    inner join charged
        on
            par_code.facility_id = charged.facility_id
            and par_code.location_id = charged.location_id
            and par_code.cdm_code = charged.cdm_code
            and charged.service_date >= par_code.since
    group by par_code.facility_id, par_code.location_id, par_code.cdm_code
),

lost as (
    select
        par_code.*,
        cast(par_code.units - coalesce(charged_there.units, 0) as decimal(18, 6)) as missing
    from par_code
    left join charged_there
        on
            par_code.facility_id = charged_there.facility_id
            and par_code.location_id = charged_there.location_id
            and par_code.cdm_code = charged_there.cdm_code
),

found as (
    select
        'SI05' as code,
        facility_id,
        location_id,
        item_id,
        cast(null as varchar) as cdm_code,
        cast(units as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        txn_date as service_date,
        'inventory_txn' as record_table,
        facility_id || '|' || txn_id as record_key
    from orphan
    union all
    select
        'SI06' as code,
        facility_id,
        location_id,
        item_id,
        cdm_code,
        missing as units,
        cast(round(missing * cast(price as decimal(19, 6)), 2) as decimal(18, 2)) as gross,
        since as service_date,
        'inventory_txn' as record_table,
        facility_id || '|' || location_id || '|' || cdm_code as record_key
    from lost
    where missing > 0
    union all
    select
        'SI07' as code,
        facility_id,
        location_id,
        item_id,
        cast(null as varchar) as cdm_code,
        negative as units,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as date) as service_date,
        'inventory_balance' as record_table,
        facility_id || '|' || location_id || '|' || item_id as record_key
    from stock_now
    where negative < 0
    union all
    select
        'SI08' as code,
        facility_id,
        location_id,
        item_id,
        cast(null as varchar) as cdm_code,
        order_qty as units,
        cast(0 as decimal(18, 2)) as gross,
        cast(null as date) as service_date,
        'reorder_rule' as record_table,
        facility_id || '|' || location_id || '|' || item_id as record_key
    from reorder_proposal
)

select
    found.code || '|S|' || found.record_key as finding_ref,
    found.code,
    found.facility_id,
    cast(null as bigint) as account_no,
    cast(null as bigint) as other_account_no,
    found.cdm_code,
    cast(null as varchar) as other_cdm_code,
    found.item_id,
    cast(null as bigint) as use_no,
    cast(null as bigint) as charge_no,
    cast(null as varchar) as claim_id,
    cast(null as integer) as claim_line_no,
    cast(null as varchar) as po_id,
    cast(null as varchar) as dept_id,
    found.location_id,
    found.units,
    found.gross,
    cast(null as decimal(18, 2)) as at_risk,
    false as is_suggested,
    cast(null as varchar) as finding_key,
    cast(null as varchar) as remark,
    found.service_date,
    found.record_table,
    found.record_key,
    'STOCK' as record_role
from found
