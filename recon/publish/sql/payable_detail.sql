-- payable_detail: what may be paid of every document that is not paid, and what is claimed back of it.
--
-- grain     invoice_id
-- reads     invoice_payable, debit_memo, invoice, supplier
-- params    none
-- money     DECIMAL, taken over unchanged
-- rule      largest amount first; a document with nothing to claim back has no memo
select
    payable.invoice_id,
    payable.facility_id,
    payable.supplier_id,
    supplier.name as supplier_name,
    invoice.invoice_number,
    coalesce(invoice.doc_type, 'INVOICE') as doc_type,
    invoice.invoice_date,
    invoice.po_number_raw as po_number,
    payable.amount,
    payable.held,
    payable.routed,
    payable.pay_if_hold_whole,
    payable.pay_supported,
    payable.payable,
    debit_memo.amount as memo,
    debit_memo.memo_type,
    payable.currency
from invoice_payable as payable
left join debit_memo on payable.invoice_id = debit_memo.invoice_id
left join invoice on payable.invoice_id = invoice.invoice_id
left join supplier on payable.supplier_id = supplier.supplier_id
where not payable.is_paid
order by payable.amount desc, payable.invoice_id asc
