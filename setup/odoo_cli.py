"""Start Odoo's command line from wherever PYTHONPATH finds the package."""

import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
