-- invoice: what an invoice says it comes to, against its lines, charges and taxes.
--
-- grain     transaction_no
-- reads     invoice, invoice_line, invoice_charge
-- params    none
-- money     Exact: a line is rounded once, to the cent, half away from zero (`line_amount`). IT105 may
--           say that a price is for ten, a dozen, a hundred ... pieces.
-- rule      TDS01 is the lines, plus charges (SAC01 C) and taxes (TXI), less allowances (SAC01 A); all
--           else in SAC is information, and so is a tax that TXI07 calls that (O) or included in the
--           prices (I). Some write an allowance with a minus and mean the same; only in a credit, whose
--           total has a minus, does that give it back. The same may be sent twice while TDS01 holds it
--           once: what stands under the lines again in the summary, code by code (all taxes count as
--           one code), and a tax as SAC beside the TXI that divide it. Where only leaving out such
--           copies closes, they are left out, and the control is called TDS01_summary_tax, where the
--           summary's taxes were enough, or TDS01_sent_twice.
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
        charge.source,
        case
            when charge.source = 'TXI' or charge.code in ('D360', 'H740', 'H750', 'H770', 'H850') then 'tax'
            else charge.code
        end as code,
        case
            when charge.relation_code in ('I', 'O') then 0
            when charge.source = 'TXI' or charge.indicator = 'C' then charge.amount
            when charge.indicator = 'A' and invoice.total < 0 then -charge.amount
            when charge.indicator = 'A' then -abs(charge.amount)
            else 0
        end as amount
    from invoice_charge as charge
    inner join invoice on charge.transaction_no = invoice.transaction_no
    where charge.amount is not null
),

-- A tax that a line, or the summary, names as SAC and divides in TXI, is of both the same sum.
named_twice as (
    select
        transaction_no,
        line_no,
        sum(amount) filter (where source = 'TXI') as amount
    from charge
    where code = 'tax'
    group by transaction_no, line_no
    having sum(amount) filter (where source = 'TXI') = sum(amount) filter (where source = 'SAC')
),

by_code as (
    select
        transaction_no,
        code,
        sum(amount) as amount,
        sum(amount) filter (where line_no is not null) as of_lines,
        sum(amount) filter (where line_no is null) as of_summary
    from charge
    group by transaction_no, code
),

charged as (
    select
        transaction_no,
        sum(amount) as amount,
        coalesce(sum(of_summary) filter (where of_lines = of_summary and code = 'tax'), 0) as tax_again,
        coalesce(sum(of_summary) filter (where of_lines = of_summary), 0) as all_again
    from by_code
    group by transaction_no
),

named as (
    select
        transaction_no,
        sum(amount) as amount,
        sum(amount) filter (where line_no is not null) as of_lines
    from named_twice
    group by transaction_no
),

summed as (
    select
        invoice.transaction_no,
        invoice.source_record,
        invoice.byte_offset,
        invoice.total as declared,
        coalesce(billed.amount, 0) + coalesce(charged.amount, 0) as everything,
        coalesce(charged.tax_again, 0) as tax_again,
        coalesce(charged.all_again, 0) as all_again,
        coalesce(named.amount, 0) as named_again,
        -- What the summary repeats goes with the summary.
        coalesce(case when charged.tax_again <> 0 then named.of_lines else named.amount end, 0) as named_besides
    from invoice
    left join billed on invoice.transaction_no = billed.transaction_no
    left join charged on invoice.transaction_no = charged.transaction_no
    left join named on invoice.transaction_no = named.transaction_no
),

-- The fewest copies that close.
found as (
    select
        *,
        case
            when declared = everything then 0
            when declared = everything - tax_again then tax_again
            when declared = everything - all_again then all_again
            when declared = everything - named_again then named_again
            when declared = everything - all_again - named_besides then all_again + named_besides
            else 0
        end as copied
    from summed
)

select
    case
        when copied = 0 then 'TDS01'
        when copied = tax_again then 'TDS01_summary_tax'
        else 'TDS01_sent_twice'
    end as control,
    transaction_no,
    source_record,
    byte_offset,
    declared,
    everything - copied as found,
    declared = everything - copied as agrees
from found
order by all
