-- charge_amount: what the charges and allowances come to that are sent without an amount.
--
-- grain     source_record, of SAC A or C without SAC05
-- reads     charge, line
-- params    none
-- money     Exact: rounded once, to the cent, half away from zero. What is too large for an amount stays null.
-- rule      SAC08 is a rate per unit, of the quantity of SAC10 or, where there is none, of the line's own.
--           SAC07 is a percentage: of SAC10 where SAC09 says that these are dollars (DO), else of the line
--           it stands under, if SAC06 means its price (net cost, gross, net, base price) and the line has
--           no other charge or allowance that might come first. A range (SAC10 with SAC11), a rate beside a
--           percentage, a percentage of the whole document, and one whose SAC06 is missing or says that the
--           partners have agreed (Z) are not worked out: the standard does not say what they are of.
with priced as (
    select
        charge.source_record,
        charge.byte_offset,
        charge.transaction_no,
        charge.indicator,
        charge.amount,
        charge.pct,
        charge.rate,
        charge.rate_qty,
        -- More is no percentage, and could be too large for what is multiplied with it.
        case when abs(charge.pct) < 1000 then charge.pct end as likely_pct,
        coalesce(charge.rate_uom = 'DO', false) as is_of_dollars,
        coalesce(charge.rate_qty, line.qty) as qty,
        charge.rate_qty_to is not null as is_range,
        coalesce(charge.pct_basis_code in ('2', '3', '4', '5', '6', '7'), false) as is_of_price,
        count(*) filter (where charge.indicator in ('A', 'C'))
            over (partition by charge.transaction_no, charge.line_no)
        = 1 as is_alone,
        case
            when line.qty is not null and line.price is not null
                then line_amount(line.qty, line.price, line.price_basis)
        end as line_amount
    from charge
    left join line on charge.transaction_no = line.transaction_no and charge.line_no = line.line_no
),

worked_out as (
    select
        source_record,
        byte_offset,
        transaction_no,
        pct,
        rate,
        case
            when is_range or (rate is not null and pct is not null) then null
            when is_of_dollars and likely_pct is not null then 'percentage of SAC10'
            when is_of_dollars then null
            when rate is not null and rate_qty is not null then 'rate of SAC10'
            when rate is not null and qty is not null then 'rate of the line'
            when likely_pct is not null and rate_qty is null and is_of_price and is_alone and line_amount is not null
                then 'percentage of the line'
        end as amount_from,
        cast(rate as decimal(38, 6)) * qty as of_rate,
        cast(rate_qty as decimal(38, 6)) * likely_pct * 0.01 as of_dollars,
        cast(line_amount as decimal(38, 2)) * likely_pct * 0.01 as of_line
    from priced
    where indicator in ('A', 'C') and amount is null
)

select
    source_record,
    byte_offset,
    transaction_no,
    case
        when amount_from like 'rate of%' then try_cast(round(of_rate, 2) as decimal(18, 2))
        when amount_from = 'percentage of SAC10' then try_cast(round(of_dollars, 2) as decimal(18, 2))
        when amount_from = 'percentage of the line' then try_cast(round(of_line, 2) as decimal(18, 2))
    end as amount,
    amount_from,
    case
        when rate is not null and pct is not null then 'a rate and a percentage, not which of them counts'
        when rate is not null then 'a rate, not of which quantity'
        when pct is not null then 'a percentage, not of which amount'
        else 'no amount, percentage or rate'
    end as sent
from worked_out
order by source_record
