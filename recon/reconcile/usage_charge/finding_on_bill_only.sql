-- finding_on_bill_only: bill-only use without its order, or of another quantity, price or unit (SI01 to SI03, DQ06).
--
-- grain     finding_ref
-- reads     use_known, use_netted, purchase_order, purchase_order_line, usage_line, item, item_uom,
--           charge_setting
-- params    none
-- money     minus what the difference costs: at the order's price, of several lines the highest (SI02); of each line's
--           price from the cost, on what the line orders (SI03)
-- rule      A bill-only implant is ordered after it was used, so that use is what the order must say. The order is the
--           one that the record of use names, or that the bill-only usage file names for it; of its lines those of the
--           item count, and of orders of one number the one that has such. An order or a line that was cancelled is
--           none. That file says no system: where two give one number to two records, the order is of the record whose
--           day is the case's.
--           Quantities and prices are compared in base units. Where an order is in a unit without a factor nothing is
--           compared, and nothing is assumed (DQ06). (Usage and charge 1, step 7.)
with listed as (
    select
        known.use_no,
        line.po_id,
        known.used_date = line.case_date as is_of_day,
        max(case when known.used_date = line.case_date then 1 else 0 end) over (
            partition by line.usage_id, known.facility_id
        ) = 1 as has_of_day
    from usage_line as line
    inner join use_known as known
        on line.usage_id = known.usage_id and coalesce(line.item_id, known.item_id) = known.item_id
    where known.mode = 'BILL_ONLY'
),

listed_for as (
    select
        use_no,
        min(po_id) as po_id
    from listed
    where is_of_day or not has_of_day
    group by use_no
),

usages as (
    select
        known.use_no,
        known.used_at,
        known.facility_id,
        known.item_id,
        coalesce(known.po_id, listed_for.po_id) as po_id,
        known.unit_cost,
        cast(
            cast(
                cast(cast(known.qty as decimal(19, 6)) * 1000000 as hugeint) * known.num // known.den
                as decimal(19, 0)
            )
            * cast(0.000001 as decimal(7, 6)) - coalesce(netted.base, 0) as decimal(18, 6)
        ) as base
    from use_known as known
    left join use_netted as netted on known.use_no = netted.use_no
    left join listed_for on known.use_no = listed_for.use_no
    where
        known.mode = 'BILL_ONLY'
        and known.qty > 0
        and known.num is not null
        and known.disposition not in ('EXPLANTED', 'RETURNED')
),

ordered_line as (
    select
        purchase_order_line.po_id,
        purchase_order_line.item_id,
        cast(
            cast(
                cast(
                    (
                        cast(purchase_order_line.qty as decimal(19, 6))
                        - coalesce(cast(purchase_order_line.cancelled_qty as decimal(19, 6)), 0)
                    )
                    * 1000000 as hugeint
                )
                * coalesce(item_uom.to_base_num, 1) // coalesce(item_uom.to_base_den, 1) as decimal(19, 0)
            )
            * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
        ) as base,
        cast(
            cast(
                cast(cast(purchase_order_line.price as decimal(19, 6)) * 1000000 as hugeint)
                * coalesce(item_uom.to_base_den, 1)
                // (
                    coalesce(item_uom.to_base_num, 1)
                    * cast(round(coalesce(purchase_order_line.price_per, 1), 0) as hugeint)
                ) as decimal(19, 0)
            )
            * cast(0.000001 as decimal(7, 6)) as decimal(18, 6)
        ) as price,
        case
            when item_uom.uom is null and purchase_order_line.uom <> coalesce(item.base_uom, 'EA')
                then purchase_order_line.uom
        end as unknown_uom
    from purchase_order_line
    left join item on purchase_order_line.item_id = item.item_id
    left join item_uom
        on
            purchase_order_line.item_id = item_uom.item_id
            and purchase_order_line.uom = item_uom.uom
            and item_uom.to_base_num > 0
            and item_uom.to_base_den > 0
    where coalesce(purchase_order_line.status, 'OPEN') <> 'CANCELLED'
),

ordered as (
    select
        po_id,
        item_id,
        sum(base) as base,
        max(price) as price,
        max(unknown_uom) as unknown_uom
    from ordered_line
    group by po_id, item_id
),

-- An order may be named by its id or by its number, which orders of two suppliers may share.
named as (
    select
        facility_id,
        po_id as named,
        po_id,
        1 as preference
    from purchase_order
    where coalesce(status, 'OPEN') <> 'CANCELLED'
    union all
    select
        facility_id,
        po_number as named,
        po_id,
        2 as preference
    from purchase_order
    where coalesce(status, 'OPEN') <> 'CANCELLED'
),

asked as (
    select distinct
        facility_id,
        po_id,
        item_id
    from usages
    where po_id is not null
),

named_ranked as (
    select
        asked.facility_id,
        asked.po_id as named,
        ordered.*,
        row_number() over (
            partition by asked.facility_id, asked.po_id, asked.item_id
            order by named.preference, named.po_id
        ) as place
    from asked
    inner join named on asked.facility_id = named.facility_id and asked.po_id = named.named
    inner join ordered on named.po_id = ordered.po_id and asked.item_id = ordered.item_id
),

linked as (
    select
        usages.use_no,
        usages.used_at,
        usages.base,
        usages.unit_cost,
        named.po_id,
        named.item_id,
        named.unknown_uom,
        cast(named.base as decimal(18, 6)) as ordered,
        named.price
    from usages
    left join named_ranked as named
        on
            usages.facility_id = named.facility_id
            and usages.po_id = named.named
            and usages.item_id = named.item_id
            and named.place = 1
    where usages.base > 0
),

totalled as (
    select
        po_id,
        item_id,
        min(used_at) as first_at,
        min(unknown_uom) as unknown_uom,
        min(price) as price,
        cast(min(ordered) - sum(base) as decimal(18, 6)) as difference,
        max(unit_cost) as unit_cost
    from linked
    where po_id is not null
    group by po_id, item_id
),

-- The first use stands for all.
summed as (
    select
        min(linked.use_no) as use_no,
        totalled.po_id,
        totalled.item_id,
        totalled.unknown_uom,
        totalled.price,
        totalled.unit_cost,
        totalled.difference
    from totalled
    inner join linked
        on
            totalled.po_id = linked.po_id
            and totalled.item_id = linked.item_id
            and totalled.first_at = linked.used_at
    group by
        totalled.po_id,
        totalled.item_id,
        totalled.unknown_uom,
        totalled.price,
        totalled.unit_cost,
        totalled.difference
),

dearer as (
    select
        summed.use_no,
        summed.po_id,
        sum(ordered_line.base * abs(cast(ordered_line.price - summed.unit_cost as decimal(19, 6)))) as amount
    from summed
    inner join ordered_line on summed.po_id = ordered_line.po_id and summed.item_id = ordered_line.item_id
    inner join charge_setting as tolerance on tolerance.setting = 'PRICE_ABS'
    where
        abs(cast(ordered_line.price - summed.unit_cost as decimal(19, 6))) > tolerance.value
        and summed.unknown_uom is null
    group by summed.use_no, summed.po_id
),

found as (
    select
        'SI01' as code,
        use_no,
        cast(null as varchar) as po_id,
        base as units,
        cast(-round(base * cast(coalesce(unit_cost, 0) as decimal(19, 6)), 2) as decimal(18, 2)) as gross,
        cast(null as varchar) as remark
    from linked
    where po_id is null
    union all
    select
        'DQ06' as code,
        use_no,
        po_id,
        cast(null as decimal(18, 6)) as units,
        cast(0 as decimal(18, 2)) as gross,
        unknown_uom as remark
    from summed
    where unknown_uom is not null
    union all
    select
        'SI02' as code,
        use_no,
        po_id,
        abs(difference) as units,
        cast(-round(abs(difference) * cast(price as decimal(19, 6)), 2) as decimal(18, 2)) as gross,
        cast(null as varchar) as remark
    from summed
    where difference <> 0 and unknown_uom is null
    union all
    select
        'SI03' as code,
        use_no,
        po_id,
        cast(null as decimal(18, 6)) as units,
        cast(-round(amount, 2) as decimal(18, 2)) as gross,
        cast(null as varchar) as remark
    from dearer
)

select
    found.code || '|U|' || cast(found.use_no as varchar) || '|' || coalesce(found.po_id, '') as finding_ref,
    found.code,
    known.facility_id,
    known.account_no,
    cast(null as bigint) as other_account_no,
    cast(null as varchar) as cdm_code,
    cast(null as varchar) as other_cdm_code,
    known.item_id,
    found.use_no,
    cast(null as bigint) as charge_no,
    cast(null as varchar) as claim_id,
    cast(null as integer) as claim_line_no,
    found.po_id,
    known.dept_id,
    known.location_id,
    found.units,
    found.gross,
    cast(null as decimal(18, 2)) as at_risk,
    false as is_suggested,
    cast(null as varchar) as finding_key,
    found.remark,
    known.used_date as service_date,
    case when found.po_id is not null then 'purchase_order' end as record_table,
    found.po_id as record_key,
    case when found.po_id is not null then 'ORDER' end as record_role
from found
inner join use_known as known on found.use_no = known.use_no
