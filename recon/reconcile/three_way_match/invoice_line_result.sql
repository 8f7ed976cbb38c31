-- invoice_line_result: every invoice line once: its status, and its amount split to the cent: a result table.
--
-- grain     invoice_id, line_no
-- reads     billed_line, matched_line, charge_line, credit_line, line_cent, line_leak, line_netted, line_region
-- params    none
-- money     amount = supported + tolerated + held + routed; supported takes the residual
-- rule      The status is the first that is true: DUPLICATE, UNMATCHED (no order line), BLOCKED (an order line that may
--           not be billed), NON_PO (needs no order), CREDIT_OPEN or CREDIT_APPLIED, EXCEPTION (something is held),
--           MATCHED_TOL, MATCHED.
--           Components of a kit have one row together, that of their first line. (Specification 1.2 steps 9 and 10.)
with cents as (
    select
        invoice_id,
        line_no,
        cast(sum(case when is_held then amount else 0 end) as decimal(18, 2)) as held,
        cast(sum(case when is_held then 0 else amount end) as decimal(18, 2)) as tolerated,
        count(case when is_held and amount <> 0 then 1 end) as held_parts,
        count(case when not is_held and amount <> 0 then 1 end) as tolerated_parts
    from line_cent
    group by invoice_id, line_no
),

duplicate as (
    select
        invoice_id,
        line_no,
        supplier_id,
        facility_id,
        line_type,
        item_id,
        cast(null as varchar) as po_id,
        cast(null as varchar) as po_line_no,
        cast(null as varchar) as match_group,
        cast(null as varchar) as identity_tier,
        currency,
        'DUPLICATE' as status,
        amount,
        cast(0 as decimal(18, 2)) as tolerated,
        amount as held,
        cast(0 as decimal(18, 2)) as routed,
        cast(1 as bigint) as scale,
        cast(0 as decimal(38, 6)) as a,
        cast(0 as decimal(38, 6)) as b,
        cast(0 as decimal(38, 6)) as c,
        cast(0 as decimal(38, 6)) as d
    from billed_line
    where is_duplicate
),

charge as (
    select
        invoice_id,
        line_no,
        supplier_id,
        facility_id,
        line_type,
        cast(null as varchar) as item_id,
        po_id,
        cast(null as varchar) as po_line_no,
        cast(null as varchar) as match_group,
        cast(null as varchar) as identity_tier,
        currency,
        status,
        amount,
        cast(0 as decimal(18, 2)) as tolerated,
        held,
        case when status = 'NON_PO' then amount else cast(0 as decimal(18, 2)) end as routed,
        cast(1 as bigint) as scale,
        cast(0 as decimal(38, 6)) as a,
        cast(0 as decimal(38, 6)) as b,
        cast(0 as decimal(38, 6)) as c,
        cast(0 as decimal(38, 6)) as d
    from charge_line
),

goods as (
    select
        line.invoice_id,
        line.line_no,
        line.supplier_id,
        coalesce(line.order_facility_id, line.facility_id) as facility_id,
        'ITEM' as line_type,
        line.item_id,
        line.po_id,
        line.po_line_no,
        line.match_group,
        line.identity_tier,
        line.currency,
        case
            when line.code = 'NON_PO_ROUTED' then 'NON_PO'
            when
                line.is_credit
                and line.code in (
                    'CREDIT_UNLINKED', 'NO_PO', 'PO_NOT_FOUND', 'SUPPLIER_MISMATCH', 'PO_LINE_NOT_FOUND',
                    'PO_LINE_AMBIGUOUS'
                ) then 'CREDIT_OPEN'
            when
                line.code in ('NO_PO', 'PO_NOT_FOUND', 'PO_LINE_NOT_FOUND', 'PO_LINE_AMBIGUOUS') then 'UNMATCHED'
            when line.code is not null then 'BLOCKED'
            when line.is_credit and coalesce(credit.exceeding, 0) <> 0 then 'CREDIT_OPEN'
            when line.is_credit then 'CREDIT_APPLIED'
            when coalesce(cents.held_parts, 0) > 0 then 'EXCEPTION'
            when coalesce(cents.tolerated_parts, 0) > 0 then 'MATCHED_TOL'
            else 'MATCHED'
        end as status,
        line.amount,
        coalesce(cents.tolerated, cast(0 as decimal(18, 2))) as tolerated,
        case
            when line.code = 'NON_PO_ROUTED' then cast(0 as decimal(18, 2))
            when line.code is not null then line.amount
            else coalesce(credit.exceeding, cast(0 as decimal(18, 2))) + coalesce(cents.held, cast(0 as decimal(18, 2)))
        end as held,
        case when line.code = 'NON_PO_ROUTED' then line.amount else cast(0 as decimal(18, 2)) end as routed,
        coalesce(line.scale, 1) as scale,
        -- Of a line in no short group all is ordered and received that credits leave of it.
        case
            when line.code is null and not line.is_credit then coalesce(region.a, netted.need, line.measure)
            else cast(0 as decimal(38, 6))
        end as a,
        coalesce(region.b, cast(0 as decimal(38, 6))) as b,
        coalesce(region.c, cast(0 as decimal(38, 6))) as c,
        coalesce(region.d, cast(0 as decimal(38, 6))) as d
    from matched_line as line
    left join line_netted as netted on line.invoice_id = netted.invoice_id and line.line_no = netted.line_no
    left join line_region as region on line.invoice_id = region.invoice_id and line.line_no = region.line_no
    left join cents on line.invoice_id = cents.invoice_id and line.line_no = cents.line_no
    left join credit_line as credit on line.invoice_id = credit.invoice_id and line.line_no = credit.line_no
),

every_line as (
    select * from duplicate
    union all
    select * from charge
    union all
    select * from goods
)

select
    line.invoice_id,
    line.line_no,
    line.supplier_id,
    line.facility_id,
    line.line_type,
    line.item_id,
    line.po_id,
    line.po_line_no,
    line.match_group,
    line.identity_tier,
    line.currency,
    line.status,
    cast(line.amount as decimal(18, 2)) as amount,
    cast(line.amount - line.tolerated - line.held - line.routed as decimal(18, 2)) as supported,
    cast(line.tolerated as decimal(18, 2)) as tolerated,
    cast(line.held as decimal(18, 2)) as held,
    cast(line.routed as decimal(18, 2)) as routed,
    cast(coalesce(leak.leak, 0) as decimal(18, 2)) as leak,
    -- Base units, cut at six decimals where the smallest share is less than one.
    cast(
        case
            when line.scale = 1 then line.a
            else cast(cast(line.a * 1000000 as hugeint) // line.scale as decimal(32, 0)) * 0.000001
        end
        as decimal(18, 6)
    ) as qty_a,
    cast(
        case
            when line.scale = 1 then line.b
            else cast(cast(line.b * 1000000 as hugeint) // line.scale as decimal(32, 0)) * 0.000001
        end
        as decimal(18, 6)
    ) as qty_b,
    cast(
        case
            when line.scale = 1 then line.c
            else cast(cast(line.c * 1000000 as hugeint) // line.scale as decimal(32, 0)) * 0.000001
        end
        as decimal(18, 6)
    ) as qty_c,
    cast(
        case
            when line.scale = 1 then line.d
            else cast(cast(line.d * 1000000 as hugeint) // line.scale as decimal(32, 0)) * 0.000001
        end
        as decimal(18, 6)
    ) as qty_d
from every_line as line
left join line_leak as leak on line.invoice_id = leak.invoice_id and line.line_no = leak.line_no
