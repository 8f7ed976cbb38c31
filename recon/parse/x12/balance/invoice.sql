-- invoice: what an invoice says it comes to, against its lines, charges and taxes.
--
-- grain     transaction_no
-- reads     invoice, invoice_line, invoice_charge
-- params    none
-- money     Exact: a line is rounded once, to the cent, half away from zero (`line_amount`). IT105 may
--           say that a price is for ten, a dozen, a hundred ... pieces.
-- rule      TDS01 is the lines, plus charges (SAC01 C) and taxes (TXI), less allowances (SAC01 A); all
--           else in SAC is information. Some write an allowance with a minus and mean the same; only
--           in a credit, whose total has a minus, does that give it back. The same tax may stand under
--           the lines and again in the summary while TDS01 holds it once: where all of it is sent twice
--           and only leaving out the summary's copy closes, it is left out, and the control is called
--           TDS01_summary_tax.
with billed as (
    select
        transaction_no,
        sum(line_amount(qty, price, price_basis)) as amount
    from invoice_line
    group by transaction_no
),

charge as (
    select
        charge.transaction_no,
        charge.line_no,
        case
            when charge.source = 'TXI' or charge.indicator = 'C' then charge.amount
            when charge.indicator = 'A' and invoice.total < 0 then -charge.amount
            when charge.indicator = 'A' then -abs(charge.amount)
            else 0
        end as amount,
        charge.source = 'TXI' or charge.code in ('D360', 'H740', 'H750', 'H770', 'H850') as is_tax
    from invoice_charge as charge
    inner join invoice on charge.transaction_no = invoice.transaction_no
    where charge.amount is not null
),

charged as (
    select
        transaction_no,
        sum(amount) as amount,
        sum(amount) filter (where is_tax and line_no is not null) as line_tax,
        sum(amount) filter (where is_tax and line_no is null) as summary_tax
    from charge
    group by transaction_no
),

summed as (
    select
        invoice.transaction_no,
        invoice.source_record,
        invoice.byte_offset,
        invoice.total as declared,
        coalesce(billed.amount, 0) + coalesce(charged.amount, 0) as everything,
        case when charged.line_tax = charged.summary_tax then charged.summary_tax else 0 end as copied_tax
    from invoice
    left join billed using (transaction_no)
    left join charged using (transaction_no)
),

found as (
    select
        *,
        declared <> everything and declared = everything - copied_tax as is_once
    from summed
)

select
    case when is_once then 'TDS01_summary_tax' else 'TDS01' end as control,
    transaction_no,
    source_record,
    byte_offset,
    declared,
    case when is_once then everything - copied_tax else everything end as found,
    is_once or declared = everything as agrees
from found
order by all
