"""How the weights of the splice detector and of the second look at a page's lines are made: corpus, generator, embedding, trees, manifest."""
