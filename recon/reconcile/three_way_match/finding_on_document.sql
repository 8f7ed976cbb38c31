-- finding_on_document: what is found on an invoice as a whole, or between an invoice and its order.
--
-- grain     invoice_id, code, po_id
-- reads     invoice_document, invoice_duplicate, document_balance, invoice_line_result, matched_line,
--           charge_line, purchase_order, order_line, tolerance, paid_document
-- params    $as_of  DATE, discounts are at risk up to their day and lost after it
-- money     total as stated less the sum of the lines as stated; discount rounded once to cents
-- rule      A total that does not add up (INVOICE_OUT_OF_BALANCE), an order raised after its invoice
--           (AFTER_THE_FACT_PO), and the early-payment discount. A duplicate has neither balance nor discount: it is
--           held whole, line by line.
--           A discount is at risk (DISCOUNT_AT_RISK) while something holds the document, a line or the total, and lost
--           (DISCOUNT_LOST) once its day has passed unpaid; it is over when the document is paid, not when it is
--           posted. A bill-only order is always raised after use: its date is no finding. (Specification 1.2 steps 2
--           and 11; 1.4.)
with unbalanced as (
    select
        balance.invoice_id,
        balance.residual,
        rule.rule_id
    from document_balance as balance
    inner join invoice_document as document on balance.invoice_id = document.invoice_id
    left join tolerance as rule
        on
            document.supplier_id = rule.supplier_id
            and rule.category = ''
            and rule.is_implant = false
            and coalesce(balance.facility_id, '') = rule.facility_id
            and document.invoice_date = rule.invoice_date
            and rule.check_name = 'HEADER_BALANCE'
    where
        case
            when rule.rule_id is null then true
            when rule.is_unlimited then false
            when rule.is_any
                then
                    not (
                        coalesce(abs(balance.residual) <= rule.abs_limit, false)
                        or coalesce(abs(balance.residual) <= rule.pct * abs(balance.lines_total), false)
                    )
            else
                not (
                    coalesce(abs(balance.residual) <= rule.abs_limit, true)
                    and coalesce(abs(balance.residual) <= rule.pct * abs(balance.lines_total), true)
                )
        end
),

discounted as (
    select
        document.invoice_id,
        document.total,
        document.disc_pct,
        document.invoice_date + document.disc_days as discount_day
    from invoice_document as document
    left join invoice_duplicate as duplicate
        on document.invoice_id = duplicate.invoice_id and duplicate.is_duplicate
    left join paid_document as paid on document.invoice_id = paid.invoice_id
    where
        document.disc_pct > 0
        and document.disc_days is not null
        and document.doc_type = 'INVOICE'
        and not document.is_settled
        and paid.invoice_id is null
        and duplicate.invoice_id is null
),

-- Lines of goods, by the order line they were matched to; charges, by their order.
after_the_fact as (
    select
        line.invoice_id,
        line.po_id,
        header.facility_id
    from matched_line as line
    inner join purchase_order as header on line.po_id = header.po_id
    inner join invoice_document as document on line.invoice_id = document.invoice_id
    where
        line.is_before_order
        and line.match_type <> 'BILL_ONLY'
        and document.doc_type = 'INVOICE'
        and coalesce(header.type, 'STANDARD') not in ('BILL_ONLY', 'CONSIGNMENT')
    union
    select
        charge.invoice_id,
        charge.po_id,
        header.facility_id
    from charge_line as charge
    inner join purchase_order as header on charge.po_id = header.po_id
    inner join invoice_document as document on charge.invoice_id = document.invoice_id
    left join (
        select distinct po_id
        from order_line
        where match_type = 'BILL_ONLY'
    ) as bill_only on charge.po_id = bill_only.po_id
    where
        header.order_date > document.invoice_date
        and document.doc_type = 'INVOICE'
        and coalesce(header.type, 'STANDARD') not in ('BILL_ONLY', 'CONSIGNMENT')
        and bill_only.po_id is null
),

-- Only documents of which something may be said.
asked as (
    select invoice_id
    from unbalanced
    union
    select invoice_id
    from discounted
    union
    select invoice_id
    from invoice_duplicate
    where not is_duplicate
),

result as (
    select
        line.invoice_id,
        count(case when line.held <> 0 then 1 end) as lines_held,
        min(line.facility_id) as facility_id
    from invoice_line_result as line
    inner join asked on line.invoice_id = asked.invoice_id
    group by line.invoice_id
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
    from unbalanced
    union all
    select
        discounted.invoice_id,
        case when discounted.discount_day >= $as_of then 'DISCOUNT_AT_RISK' else 'DISCOUNT_LOST' end as code,
        cast(
            round(cast(discounted.total as decimal(24, 2)) * discounted.disc_pct, 2) as decimal(18, 2)
        ) as impact,
        cast(null as varchar) as po_id,
        cast(null as varchar) as facility_id,
        cast(null as varchar) as related_document,
        cast(null as varchar) as rule_id
    from discounted
    inner join result on discounted.invoice_id = result.invoice_id
    left join unbalanced on discounted.invoice_id = unbalanced.invoice_id
    where result.lines_held > 0 or unbalanced.invoice_id is not null
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
