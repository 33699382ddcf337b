"""The core: context, records, guard, facts, pages. It knows no medicine."""
