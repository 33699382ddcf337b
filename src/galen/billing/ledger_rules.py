"""What the database itself holds true of the books."""

BALANCED = (
    """
CREATE FUNCTION refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM posting WHERE transaction_id = NEW.transaction_id
             GROUP BY currency HAVING sum(amount) <> 0) THEN
    RAISE EXCEPTION 'the postings of a transaction must sum to nothing'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'transaction_balanced', TABLE = 'posting';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON posting DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced()
""",
)

REFUND_WITHIN_PAYMENT = (
    """
CREATE FUNCTION refuse_excess_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT p.amount + coalesce(sum(r.amount), 0) FROM payment p LEFT JOIN payment r ON r.refund_of = p.id
      WHERE p.id = NEW.refund_of AND p.refund_of IS NULL GROUP BY p.id) >= 0 THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'a refund is no more than what was paid'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_refund_check', TABLE = 'payment';
END $$
""",
    """
CREATE TRIGGER refund_within_payment AFTER INSERT ON payment FOR EACH ROW WHEN (NEW.refund_of IS NOT NULL)
EXECUTE FUNCTION refuse_excess_refund()
""",
)

MOVE_TILL_CASH = """
CREATE FUNCTION move_till_cash() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moved numeric := NEW.amount;
BEGIN
  IF TG_TABLE_NAME = 'payment' THEN
    moved := CASE WHEN NEW.method = 'cash' THEN NEW.amount + NEW.rounding ELSE 0 END;
  END IF;
  UPDATE till_session SET cash = cash + moved WHERE id = NEW.till_session_id AND status = 'open';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a till that was counted or closed takes no money'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'till_session_open', TABLE = 'till_session';
  END IF;
  RETURN NULL;
END $$
"""

CLOSED_TILL_STAYS = (
    MOVE_TILL_CASH,
    """
CREATE TRIGGER closed_stays BEFORE UPDATE ON till_session FOR EACH ROW WHEN (OLD.status = 'closed')
EXECUTE FUNCTION galen.refuse_change()
""",
    """
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON till_session
FOR EACH STATEMENT EXECUTE FUNCTION galen.refuse_change()
""",
)

CASH_OF_A_TILL = (
    """
CREATE TRIGGER into_the_till AFTER INSERT ON cash_movement FOR EACH ROW EXECUTE FUNCTION move_till_cash()
""",
)

CHARGE_ACCOUNT_WITHIN_LIMIT = (
    """
CREATE FUNCTION move_charge_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moved numeric := CASE WHEN NEW.method = 'account' THEN NEW.amount ELSE -NEW.amount END;
  charged boolean := NEW.method = 'account' AND NEW.amount > 0;
BEGIN
  UPDATE charge_account SET balance = balance + moved
   WHERE id = NEW.charge_account_id
     AND (NOT charged OR (status = 'open' AND (NEW.over_limit <> '' OR balance + moved <= credit_limit)));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a charge account takes no more than its limit'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'charge_account_limit', TABLE = 'charge_account';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE TRIGGER onto_the_account AFTER INSERT ON payment FOR EACH ROW WHEN (NEW.charge_account_id IS NOT NULL)
EXECUTE FUNCTION move_charge_account()
""",
)
