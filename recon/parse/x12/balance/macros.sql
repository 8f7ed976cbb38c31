-- macros: what the lines of orders and invoices come to.
--
-- price_per(basis)               pieces that a price is for: element 639 may say ten, a dozen, a hundred ...
-- line_amount(qty, price, basis) quantity times price in cents, rounded once, half away from zero: a whole number of
--                                millionths of millionths of a dollar, by as many of them as are a cent of one price
create macro price_per(basis) as case
    when basis = 'PN' then 10
    when basis in ('PD', 'LD', 'RD', 'TD', 'WD') then 12
    when basis in ('HP', 'LC', 'QH', 'RC', 'TC', 'WC') then 100
    when basis in ('TP', 'LM', 'QS', 'RM', 'TM', 'WM') then 1000
    when basis = 'TT' then 10000
    when basis = 'HT' then 100000
    else 1
end;

create macro line_amount(qty, price, basis) as case
    when price_per(basis) = 1
        then round(cast(coalesce(qty, 0) as decimal(38, 6)) * coalesce(price, 0), 2)
    else sign(coalesce(qty, 0)) * sign(coalesce(price, 0)) * (
        (
            2 * cast(abs(coalesce(qty, 0)) * 1000000 as hugeint) * cast(abs(coalesce(price, 0)) * 1000000 as hugeint)
            + 10000000000 * price_per(basis)
        ) // (20000000000 * price_per(basis))
    ) * 0.01
end;
