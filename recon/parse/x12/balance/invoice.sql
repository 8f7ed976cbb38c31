-- invoice: what an invoice says it comes to, against its lines, charges and taxes.
--
-- grain     transaction_no
-- reads     invoice, invoice_line, invoice_charge
-- params    none
-- money     Exact. Quantity times price is a whole number of millionths of millionths, rounded once a
--           line, to the cent, half away from zero. IT105 may say that a price is for ten, a dozen,
--           a hundred ... pieces.
-- rule      TDS01 is the lines, plus charges (SAC01 C) and taxes (TXI), less allowances (SAC01 A); all
--           else in SAC is information. The same tax may stand under the lines and again in the
--           summary while TDS01 holds it once: where all of it is sent twice and only leaving out the
--           summary's copy closes, it is left out, and the control is called TDS01_summary_tax.
with line as (
    select
        transaction_no,
        cast(coalesce(qty, 0) as decimal(38, 6)) as qty,
        coalesce(price, 0) as price,
        case
            when price_basis = 'PN' then 10
            when price_basis in ('PD', 'LD', 'RD', 'TD', 'WD') then 12
            when price_basis in ('HP', 'LC', 'QH', 'RC', 'TC', 'WC') then 100
            when price_basis in ('TP', 'LM', 'QS', 'RM', 'TM', 'WM') then 1000
            when price_basis = 'TT' then 10000
            when price_basis = 'HT' then 100000
            else 1
        end as price_per
    from invoice_line
),

extended as (
    select
        transaction_no,
        round(qty * price, 2) as amount
    from line
    where price_per = 1

    union all

    -- Millionths of millionths of a dollar, by as many of them as are a cent of one piece's price.
    select
        transaction_no,
        sign(qty * price) * (
            (2 * cast(abs(qty) * 1000000 as hugeint) * cast(abs(price) * 1000000 as hugeint) + 10000000000 * price_per)
            // (20000000000 * price_per)
        ) * 0.01 as amount
    from line
    where price_per > 1
),

billed as (
    select
        transaction_no,
        sum(amount) as amount
    from extended
    group by transaction_no
),

charge as (
    select
        transaction_no,
        line_no,
        case
            when source = 'TXI' or indicator = 'C' then amount
            when indicator = 'A' then -abs(amount)
            else 0
        end as amount,
        source = 'TXI' or code in ('D360', 'H740', 'H750', 'H770', 'H850') as is_tax
    from invoice_charge
    where amount is not null
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
