-- remitted: the document that each line of a remittance (820) pays.
--
-- grain     payment_id, line_no
-- reads     advised, invoice_document, invoice_duplicate
-- params    none
-- money     as stated
-- rule      Number and supplier group must agree, the number as duplicates are told by it. Of several documents of that
--           number: a credit where money is taken back, then the one whose total the payer states, or settles where
--           none is stated, then one that is no duplicate, then one that was there on the day of payment, then the
--           nearest to it: suppliers begin their numbers anew each year. Where there is none, invoice_id is empty.
--           (Specification 1.6: paid beside payable.)
with candidate as (
    select
        advised.payment_id,
        advised.line_no,
        document.invoice_id,
        row_number() over (
            partition by advised.payment_id, advised.line_no
            order by
                case when (document.doc_type = 'CREDIT') = (advised.amount_paid < 0) then 0 else 1 end,
                case
                    when
                        document.total = coalesce(
                            advised.amount_invoiced,
                            advised.amount_paid + advised.discount_taken - advised.adjustment_amount
                        ) then 0
                    else 1
                end,
                case when duplicate.invoice_id is null then 0 else 1 end,
                case when document.invoice_date <= advised.payment_date then 0 else 1 end,
                abs(date_diff('day', document.invoice_date, advised.payment_date)),
                document.invoice_id
        ) as place
    from advised
    inner join invoice_document as document
        on advised.supplier_group = document.supplier_group and advised.number_norm = document.number_norm
    left join invoice_duplicate as duplicate
        on document.invoice_id = duplicate.invoice_id and duplicate.is_duplicate
)

select
    advised.payment_id,
    advised.line_no,
    advised.supplier_id,
    advised.invoice_number,
    advised.number_norm,
    candidate.invoice_id,
    advised.payment_date,
    advised.currency,
    advised.amount_paid,
    advised.discount_taken,
    advised.adjustment_amount
from advised
left join candidate
    on
        advised.payment_id = candidate.payment_id
        and advised.line_no = candidate.line_no
        and candidate.place = 1
