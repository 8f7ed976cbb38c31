-- paid_document: documents that remittances (820) have paid, in full or in part.
--
-- grain     invoice_id
-- reads     remitted
-- params    none
-- money     payments that were taken back again pay nothing
-- rule      A paid document keeps the receipts it was paid for, whatever arrives later. A payment that was taken back
--           again pays nothing. (Specification 1.2 step 5; scenario S77.)
select invoice_id
from remitted
where invoice_id is not null
group by invoice_id
having sum(amount_paid) > 0
