"""What pages show of other sites, asked when somebody says so and kept in `data/`: no build asks."""
