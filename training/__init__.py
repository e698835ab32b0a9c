"""How the splice detector's weights are made: corpus, generator, embedding, trees, manifest."""
