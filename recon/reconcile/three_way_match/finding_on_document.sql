-- finding_on_document: what is found on an invoice as a whole, or between an invoice and its order.
--
-- grain     invoice_id, code, po_id
-- reads     invoice_document, invoice_duplicate, document_balance, invoice_line_result, purchase_order,
--           order_line, match_group, tolerance, paid_document
-- params    $as_of  DATE, discounts are at risk up to their day and lost after it
-- money     total as stated less the sum of the lines as stated; discount rounded once to cents
-- rule      Duplicates have no balance and no discount. A discount waits for whatever holds the document:
--           a line, or a total that does not add up. A bill-only order is raised after use: its date is
--           no finding. (Specification 1.2 steps 2 and 11; 1.4.)
with standing as (
    select
        document.invoice_id,
        document.supplier_id,
        document.facility_id,
        document.currency,
        document.total,
        document.received_date,
        document.doc_type,
        document.is_paid or paid.invoice_id is not null as is_paid,
        document.disc_pct,
        document.invoice_date + document.disc_days as discount_day,
        balance.residual,
        rule.rule_id,
        case
            when coalesce(balance.residual, 0) = 0 then true
            when rule.rule_id is null then false
            when rule.is_unlimited then true
            when rule.is_any
                then
                    coalesce(abs(balance.residual) <= rule.abs_limit, false)
                    or coalesce(abs(balance.residual) <= rule.pct * abs(balance.lines_total), false)
            else
                coalesce(abs(balance.residual) <= rule.abs_limit, true)
                and coalesce(abs(balance.residual) <= rule.pct * abs(balance.lines_total), true)
        end as is_balanced
    from invoice_document as document
    inner join document_balance as balance on document.invoice_id = balance.invoice_id
    left join paid_document as paid on document.invoice_id = paid.invoice_id
    left join tolerance as rule
        on
            document.supplier_id = rule.supplier_id
            and rule.category = ''
            and coalesce(balance.facility_id, '') = rule.facility_id
            and document.invoice_date = rule.invoice_date
            and rule.check_name = 'HEADER_BALANCE'
),

result as (
    select
        invoice_id,
        count(case when held <> 0 then 1 end) as lines_held,
        min(facility_id) as facility_id,
        min(po_id) as po_id
    from invoice_line_result
    group by invoice_id
),

after_the_fact as (
    select distinct
        line.invoice_id,
        line.po_id,
        header.facility_id
    from invoice_line_result as line
    inner join purchase_order as header on line.po_id = header.po_id
    inner join invoice_document as document on line.invoice_id = document.invoice_id
    left join match_group as grp on line.match_group = grp.match_group
    left join (
        select distinct po_id
        from order_line
        where match_type = 'BILL_ONLY'
    ) as bill_only on line.po_id = bill_only.po_id
    where
        header.order_date > document.invoice_date
        and document.doc_type = 'INVOICE'
        and line.status <> 'DUPLICATE'
        and coalesce(header.type, 'STANDARD') not in ('BILL_ONLY', 'CONSIGNMENT')
        -- A charge has no group: it is judged by its order.
        and coalesce(grp.match_type, '3WAY') <> 'BILL_ONLY'
        and (grp.match_group is not null or bill_only.po_id is null)
),

found as (
    select
        invoice_id,
        'INVOICE_OUT_OF_BALANCE' as code,
        cast(residual as decimal(18, 2)) as impact,
        cast(null as varchar) as po_id,
        cast(null as varchar) as facility_id,
        cast(null as varchar) as related_document,
        rule_id
    from standing
    where not is_balanced
    union all
    select
        standing.invoice_id,
        case when standing.discount_day >= $as_of then 'DISCOUNT_AT_RISK' else 'DISCOUNT_LOST' end as code,
        cast(round(cast(standing.total as decimal(24, 2)) * standing.disc_pct, 2) as decimal(18, 2)) as impact,
        cast(null as varchar) as po_id,
        cast(null as varchar) as facility_id,
        cast(null as varchar) as related_document,
        cast(null as varchar) as rule_id
    from standing
    inner join result on standing.invoice_id = result.invoice_id
    where
        standing.doc_type = 'INVOICE'
        and not standing.is_paid
        and standing.disc_pct > 0
        and standing.discount_day is not null
        and (
            result.lines_held > 0
            or not standing.is_balanced
        )
    union all
    select
        invoice_id,
        code,
        cast(0 as decimal(18, 2)) as impact,
        cast(null as varchar) as po_id,
        cast(null as varchar) as facility_id,
        original_id as related_document,
        cast(null as varchar) as rule_id
    from invoice_duplicate
    where not is_duplicate
    union all
    select
        invoice_id,
        'AFTER_THE_FACT_PO' as code,
        cast(0 as decimal(18, 2)) as impact,
        po_id,
        facility_id,
        cast(null as varchar) as related_document,
        cast(null as varchar) as rule_id
    from after_the_fact
)

select
    found.code,
    found.impact,
    cast(0 as decimal(18, 2)) as latent,
    cast(null as decimal(18, 6)) as qty,
    document.currency,
    coalesce(found.facility_id, result.facility_id, document.facility_id) as facility_id,
    document.supplier_id,
    found.invoice_id,
    cast(null as integer) as line_no,
    found.po_id,
    cast(null as varchar) as po_line_no,
    cast(null as varchar) as item_id,
    found.related_document,
    found.rule_id as tolerance_rule_id,
    document.received_date as basis_date
from found
inner join invoice_document as document on found.invoice_id = document.invoice_id
left join result on found.invoice_id = result.invoice_id
