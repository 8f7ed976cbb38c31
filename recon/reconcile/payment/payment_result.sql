-- payment_result: what remittances say was paid of each invoice, beside what was invoiced and is payable.
--
-- grain     document_key, currency
-- reads     remitted, invoice_document, invoice_line_result
-- params    none
-- money     sums as stated, within one currency: an invoice of another currency is not compared
-- rule      difference = invoiced - paid - discount taken + adjustments (which are negative where less is
--           paid). Payable is what is supported, tolerated or routed to approval tonight; beyond it
--           is what was paid although held, or never billed. (Specification 1.6.)
with paid as (
    select
        coalesce(invoice_id, supplier_id || '/' || number_norm) as document_key,
        currency,
        min(invoice_id) as invoice_id,
        min(supplier_id) as supplier_id,
        min(invoice_number) as invoice_number,
        count(distinct payment_id) as payments,
        max(payment_date) as last_payment_date,
        cast(sum(amount_paid) as decimal(18, 2)) as paid,
        cast(sum(discount_taken) as decimal(18, 2)) as discount_taken,
        cast(sum(adjustment_amount) as decimal(18, 2)) as adjusted
    from remitted
    group by coalesce(invoice_id, supplier_id || '/' || number_norm), currency
),

payable as (
    select
        line.invoice_id,
        min(line.facility_id) as facility_id,
        cast(sum(line.supported + line.tolerated + line.routed) as decimal(18, 2)) as amount
    from invoice_line_result as line
    inner join (
        select distinct invoice_id
        from paid
    ) as asked on line.invoice_id = asked.invoice_id
    group by line.invoice_id
),

compared as (
    select
        paid.*,
        coalesce(payable.facility_id, document.facility_id) as facility_id,
        case when document.currency = paid.currency then document.total end as invoiced,
        case when document.currency = paid.currency then payable.amount end as payable
    from paid
    left join invoice_document as document on paid.invoice_id = document.invoice_id
    left join payable on paid.invoice_id = payable.invoice_id
)

select
    document_key,
    currency,
    invoice_id,
    supplier_id,
    facility_id,
    invoice_number,
    cast(payments as integer) as payments,
    last_payment_date,
    invoiced,
    paid,
    discount_taken,
    adjusted,
    cast(invoiced - paid - discount_taken + adjusted as decimal(18, 2)) as difference,
    -- GREATEST passes over an empty value.
    case
        when payable is not null
            then cast(greatest(paid + discount_taken - payable, cast(0 as decimal(18, 2))) as decimal(18, 2))
    end as beyond_payable,
    case
        when invoice_id is null then 'NOT_FOUND'
        when invoiced is null then 'CURRENCY'
        when invoiced - paid - discount_taken + adjusted > 0 then 'SHORT'
        when invoiced - paid - discount_taken + adjusted < 0 then 'OVER'
        when adjusted <> 0 then 'ADJUSTED'
        else 'IN_FULL'
    end as status
from compared
