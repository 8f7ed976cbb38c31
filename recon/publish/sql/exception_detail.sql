-- exception_detail: one row per exception as finance reads it, with its reason in plain words.
--
-- grain     exception_key
-- reads     exception_documents
-- params    none
-- money     DECIMAL, formatted as text only inside the reason
-- rule      the reason is the code's template (rule table exception_code) with each {name} replaced
--           by that column, written as people write numbers; what no document states reads so. What was
--           accepted and costs another amount now says so. Order: what an analyst overrode last, then
--           held dollars whatever their sign, then discount days left, then age
with stated as (
    select
        exception_key,
        map {
            'exception_id': exception_key,
            'code': code,
            'title': title,
            'facility_id': facility_id,
            'supplier_id': supplier_id,
            'supplier_name': coalesce(supplier_name, supplier_id),
            'invoice_number': invoice_number,
            'invoice_date': cast(invoice_date as varchar),
            'invoice_total': money_text(invoice_total),
            'line_no': cast(line_no as varchar),
            'line_type': lower(line_type),
            'po_number': po_number,
            'po_line_no': po_line_no,
            'order_supplier_name': order_supplier_name,
            'order_date': cast(order_date as varchar),
            'receipts': receipts,
            'last_receipt_date': cast(last_receipt_date as varchar),
            'item_id': item_id,
            'item_description': coalesce(item_description, item_id),
            'catalog_no': catalog_no,
            'ordered_qty': quantity_text(ordered_qty),
            'ordered_uom': ordered_uom,
            'ordered_price': price_text(ordered_price),
            'received_qty': coalesce(quantity_text(received_qty), case when receipts is null then '0' end),
            'received_uom': coalesce(received_uom, ordered_uom),
            'acknowledged': acknowledged,
            'billed_qty': quantity_text(billed_qty),
            'billed_uom': billed_uom,
            'billed_price': price_text(billed_price),
            'billed_amount': money_text(billed_amount),
            'qty': quantity_text(at_stake_qty),
            'impact': money_text(impact),
            'held': money_text(held),
            'latent': money_text(latent),
            'currency': currency,
            'variance': money_text(variance),
            'variance_pct': money_text(variance_pct),
            'discount_days_left': cast(discount_days_left as varchar),
            'age_days': cast(age_days as varchar),
            'related_document': related_name,
            'tolerance_rule_id': tolerance_rule_id
        } as fact,
        coalesce(reason_template, title || ': {impact} {currency}.') as reason_text
    from exception_documents
),

said as (
    select
        exception_key,
        filled(reason_text, fact) as reason
    from stated
)

select
    -- All of exception_documents, whose columns are listed there.
    documents.*, -- noqa: AM04
    said.reason
    || case
        when documents.was_accepted_at is not null
            then
                ' It was ' || case when left(documents.code, 4) = 'DUP_' then 'answered' else 'accepted' end
                || ' at ' || money_text(documents.was_accepted_at) || ' ' || documents.currency
                || '; now it is ' || money_text(documents.impact) || '.'
        else ''
    end as reason
from exception_documents as documents
inner join said on documents.exception_key = said.exception_key
order by
    case documents.state when 'OVERRIDDEN' then 1 else 0 end,
    abs(documents.held) desc,
    documents.discount_days_left asc nulls last,
    documents.age_days desc,
    documents.exception_key asc
