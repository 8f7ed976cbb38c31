-- payment_detail: what remittances paid that is not what was invoiced, or not what is payable.
--
-- grain     document_key, currency
-- reads     payment_result, supplier
-- params    none
-- money     DECIMAL, taken over unchanged
-- rule      most paid beyond what is payable first, then the largest difference
select
    payment.document_key,
    payment.facility_id,
    payment.supplier_id,
    supplier.name as supplier_name,
    payment.invoice_number,
    payment.status,
    payment.payments,
    payment.last_payment_date,
    payment.invoiced,
    payment.paid,
    payment.discount_taken,
    payment.adjusted,
    payment.difference,
    payment.beyond_payable,
    payment.currency
from payment_result as payment
left join supplier on payment.supplier_id = supplier.supplier_id
where
    payment.status not in ('IN_FULL', 'ADJUSTED')
    or payment.beyond_payable > 0
order by
    coalesce(payment.beyond_payable, 0) desc,
    abs(coalesce(payment.difference, payment.paid)) desc,
    payment.document_key asc,
    payment.currency asc
