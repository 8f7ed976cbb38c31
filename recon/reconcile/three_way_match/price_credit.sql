-- price_credit: value-only credits, put against the line whose price they mend.
--
-- grain     invoice_id, line_no
-- reads     matched_line, demand, line_price
-- params    none
-- money     dollars credited, positive
-- rule      The first overpriced line of the invoice referred to, else the newest overpriced line of the
--           match group. (Specification 1.2 step 4: price credits reduce price variance only.)
with credit as (
    select
        match_group,
        invoice_id as credit_id,
        line_no as credit_line_no,
        ref_invoice_id,
        -amount as amount
    from matched_line
    where code is null and is_credit and (adj_kind = 'PRICE' or coalesce(measure, 0) = 0)
),

target as (
    select
        credit.credit_id,
        credit.credit_line_no,
        credit.amount,
        demand.invoice_id,
        demand.line_no,
        row_number() over (
            partition by credit.credit_id, credit.credit_line_no
            order by
                case when demand.invoice_id = credit.ref_invoice_id then 0 else 1 end,
                case when demand.invoice_id = credit.ref_invoice_id then demand.line_no else 0 end,
                demand.invoice_date desc,
                demand.invoice_id desc,
                demand.line_no desc
        ) as place
    from credit
    inner join demand on credit.match_group = demand.match_group
    inner join line_price on demand.invoice_id = line_price.invoice_id and demand.line_no = line_price.line_no
    where line_price.p > line_price.po_p
)

select
    invoice_id,
    line_no,
    cast(sum(amount) as decimal(18, 2)) as amount
from target
where place = 1
group by invoice_id, line_no
