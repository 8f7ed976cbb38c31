-- paid_document: documents that remittances have paid, in full or in part.
--
-- grain     invoice_id
-- reads     remitted
-- params    none
-- money     payments that were taken back again pay nothing
-- rule      A paid document keeps the receipts it was paid for. (Specification 1.2 step 5; S77.)
select invoice_id
from remitted
where invoice_id is not null
group by invoice_id
having sum(amount_paid) > 0
