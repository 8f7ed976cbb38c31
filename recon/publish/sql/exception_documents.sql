-- exception_documents: each exception with both sides of the argument beside it.
--
-- grain     exception_key
-- reads     exception, exception_code, supplier, item, invoice, invoice_line, purchase_order,
--           purchase_order_line, received, acknowledged, price_variance, tolerance_rule
-- params    $business_date  DATE, the day being closed
-- money     DECIMAL throughout; nothing is recomputed here, dollars are those of the match
-- rule      held is the impact of a hold that has not closed; a warning, or what closed tonight, holds nothing.
--           What closed without a document that closed it, while its line is found under another code since tonight,
--           is told by that code: a bill of another supplier's order is judged as a copy no more, nobody voided it
with discount as (
    select
        invoice_id,
        cast(invoice_date + disc_days - $business_date as integer) as days_left
    from invoice
    where disc_pct > 0 and invoice_date + disc_days >= $business_date
),

in_its_place as (
    select
        invoice_id,
        line_no,
        string_agg(code, ', ' order by code) as codes
    from exception
    where state <> 'AUTO_CLOSED' and first_seen = $business_date and line_no is not null
    group by invoice_id, line_no
),

-- Whose the order is that another supplier's invoice names.
of_another as (
    select
        finding.exception_key,
        string_agg(distinct coalesce(supplier.name, header.supplier_id), ', ' order by coalesce(
            supplier.name, header.supplier_id
        )) as supplier_names
    from exception as finding
    inner join invoice on finding.invoice_id = invoice.invoice_id
    inner join invoice_line as billed
        on finding.invoice_id = billed.invoice_id and finding.line_no = billed.line_no
    inner join purchase_order as header
        on upper(trim(coalesce(billed.po_number_raw, invoice.po_number_raw))) = upper(trim(header.po_number))
    left join supplier on header.supplier_id = supplier.supplier_id
    where finding.code = 'SUPPLIER_MISMATCH' and header.order_date <= $business_date
    group by finding.exception_key
)

select
    finding.exception_key,
    finding.code,
    coalesce(exception_code.title, finding.code) as title,
    case when finding.hold then 'HOLD' else 'WARN' end as severity,
    finding.state,
    finding.queue,
    case finding.queue
        when 'BUY' then purchase_order.buyer
        when 'REQ' then order_line.requester
    end as contact_name,
    finding.facility_id,
    finding.supplier_id,
    supplier.name as supplier_name,
    finding.invoice_id,
    invoice.invoice_number,
    invoice.invoice_date,
    coalesce(invoice.received_date, invoice.invoice_date) as invoice_received_date,
    invoice.total as invoice_total,
    finding.line_no,
    coalesce(billed.line_type, case when billed.invoice_id is not null then 'ITEM' end) as line_type,
    finding.po_id,
    coalesce(purchase_order.po_number, billed.po_number_raw, invoice.po_number_raw) as po_number,
    finding.po_line_no,
    of_another.supplier_names as order_supplier_name,
    purchase_order.order_date,
    received.receipts,
    received.last_receipt_date,
    coalesce(finding.item_id, billed.item_id, order_line.item_id) as item_id,
    item.description as item_description,
    coalesce(billed.catalog_no, order_line.catalog_no) as catalog_no,
    cast(order_line.qty - coalesce(order_line.cancelled_qty, 0) as decimal(18, 6)) as ordered_qty,
    order_line.uom as ordered_uom,
    order_line.price as ordered_price,
    case when order_line.po_id is not null then coalesce(order_line.price_per, 1) end as ordered_price_per,
    received.received_qty,
    received.received_uom,
    acknowledged.acknowledged,
    billed.qty as billed_qty,
    billed.uom as billed_uom,
    billed.price as billed_price,
    billed.amount as billed_amount,
    finding.qty as at_stake_qty,
    cast(case when finding.hold and finding.state <> 'AUTO_CLOSED' then finding.impact else 0 end as decimal(18, 2))
        as held,
    finding.impact,
    finding.latent,
    finding.currency,
    price_variance.variance,
    price_variance.variance_pct,
    discount.days_left as discount_days_left,
    finding.basis_date,
    finding.age_days,
    finding.bucket,
    finding.first_seen,
    finding.times_seen,
    cast($business_date as date) as night,
    finding.claim_due_date,
    finding.disposition,
    finding.was_accepted_at,
    finding.assigned_to,
    finding.resolve_by,
    lower(finding.closed_by_kind) || ' '
    || coalesce(closing.invoice_number || ' (' || closing.invoice_id || ')', finding.closed_by) as closed_by,
    finding.related_document,
    coalesce(related.invoice_number || ' (' || related.invoice_id || ')', finding.related_document)
        as related_name,
    finding.tolerance_rule_id,
    tolerance_rule.pct as tolerance_pct,
    tolerance_rule.abs as tolerance_abs,
    tolerance_rule.mode as tolerance_mode,
    exception_code.reason as reason_template,
    exception_code.suggested_action,
    case
        when finding.state = 'AUTO_CLOSED' and finding.closed_by is null and in_its_place.codes is not null
            then 'Found in its place: ' || in_its_place.codes || '.'
        else exception_code.closes_when
    end as closes_when
from exception as finding
left join exception_code on finding.code = exception_code.code
left join supplier on finding.supplier_id = supplier.supplier_id
left join invoice on finding.invoice_id = invoice.invoice_id
left join discount on finding.invoice_id = discount.invoice_id
left join in_its_place
    on finding.invoice_id = in_its_place.invoice_id and finding.line_no = in_its_place.line_no
left join of_another on finding.exception_key = of_another.exception_key
left join invoice as related on finding.related_document = related.invoice_id
left join invoice as closing
    on finding.closed_by = closing.invoice_id and finding.closed_by_kind in ('CREDIT', 'VOID')
left join invoice_line as billed
    on finding.invoice_id = billed.invoice_id and finding.line_no = billed.line_no
left join purchase_order on finding.po_id = purchase_order.po_id
left join purchase_order_line as order_line
    on finding.po_id = order_line.po_id and finding.po_line_no = order_line.line_no
left join received
    on finding.po_id = received.po_id and finding.po_line_no = received.po_line_no
left join acknowledged
    on
        finding.po_id = acknowledged.po_id
        and ltrim(upper(trim(finding.po_line_no)), '0') = acknowledged.line_no_norm
left join price_variance
    on finding.invoice_id = price_variance.invoice_id and finding.line_no = price_variance.line_no
left join item
    on coalesce(finding.item_id, billed.item_id, order_line.item_id) = item.item_id
left join tolerance_rule on finding.tolerance_rule_id = tolerance_rule.rule_id
order by finding.exception_key
